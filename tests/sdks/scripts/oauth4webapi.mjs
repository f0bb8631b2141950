import * as oauth from "oauth4webapi";

import { follow, given, signOutAddress } from "./steps.mjs";

const insecure = { [oauth.allowInsecureRequests]: true };
const client = { client_id: given.clientId };
const authentication = oauth.None();
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
let server, tokens, sub;

follow({
  async authorize() {
    const issuer = new URL(given.issuer);
    server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const address = new URL(server.authorization_endpoint);
    address.search = new URLSearchParams({
      client_id: client.client_id,
      response_type: "code",
      redirect_uri: given.redirectUri,
      scope: given.scope,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
    });
    return address.href;
  },
  async callback(address) {
    const answer = oauth.validateAuthResponse(server, client, new URL(address), state);
    const reply = await oauth.authorizationCodeGrantRequest(
      server, client, authentication, answer, given.redirectUri, verifier, insecure,
    );
    tokens = await oauth.processAuthorizationCodeResponse(server, client, reply, { requireIdToken: true });
    await oauth.validateApplicationLevelSignature(server, reply, insecure);
    sub = oauth.getValidatedIdTokenClaims(tokens).sub;
  },
  async userinfo() {
    const reply = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
    return oauth.processUserInfoResponse(server, client, sub, reply);
  },
  async refresh() {
    const reply = await oauth.refreshTokenGrantRequest(
      server, client, authentication, tokens.refresh_token, insecure,
    );
    tokens = await oauth.processRefreshTokenResponse(server, client, reply);
  },
  async revoke() {
    const reply = await oauth.revocationRequest(server, client, authentication, tokens.access_token, insecure);
    await oauth.processRevocationResponse(reply);
  },
  // A public client may not ask.
  introspect: () => [],
  signOut: () => signOutAddress(tokens.id_token),
});
