import * as client from "openid-client";

import { follow, given } from "./steps.mjs";

const authentication = {
  none: client.None,
  client_secret_basic: client.ClientSecretBasic,
  client_secret_post: client.ClientSecretPost,
}[given.method];
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
let config, tokens, sub;

follow({
  async authorize() {
    config = await client.discovery(
      new URL(given.issuer),
      given.clientId,
      undefined,
      authentication(given.clientSecret),
      { execute: [client.allowInsecureRequests] },
    );
    return client.buildAuthorizationUrl(config, {
      redirect_uri: given.redirectUri,
      scope: given.scope,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    }).href;
  },
  async callback(address) {
    tokens = await client.authorizationCodeGrant(config, new URL(address), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    sub = tokens.claims().sub;
  },
  userinfo: () => client.fetchUserInfo(config, tokens.access_token, sub),
  async refresh() {
    tokens = await client.refreshTokenGrant(config, tokens.refresh_token);
  },
  revoke: () => client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: "refresh_token" }),
  introspect: async () => [(await client.tokenIntrospection(config, tokens.access_token)).active],
  signOut: () =>
    client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: given.redirectUri,
      state: "bye",
    }).href,
});
