import { createHash, randomBytes } from "node:crypto";

import { AuthorizationCode } from "simple-oauth2";

import { follow, given, signOutAddress } from "./steps.mjs";

const client = new AuthorizationCode({
  client: { id: given.clientId, secret: given.clientSecret },
  auth: {
    tokenHost: new URL(given.base).origin,
    authorizePath: `${new URL(given.base).pathname}/oauth2/authorize`,
    tokenPath: `${new URL(given.base).pathname}/oauth2/token`,
    revokePath: `${new URL(given.base).pathname}/oauth2/revoke`,
  },
  options: { authorizationMethod: { client_secret_basic: "header", client_secret_post: "body" }[given.method] },
});
const verifier = randomBytes(32).toString("base64url");
let tokens;

follow({
  authorize: () =>
    client.authorizeURL({
      redirect_uri: given.redirectUri,
      scope: given.scope,
      state: "a state",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }),
  async callback(address) {
    const code = new URL(address).searchParams.get("code");
    tokens = await client.getToken({ code, redirect_uri: given.redirectUri, code_verifier: verifier });
  },
  async userinfo() {
    const reply = await fetch(`${given.base}/oauth2/userinfo`, {
      headers: { Authorization: `Bearer ${tokens.token.access_token}` },
    });
    if (!reply.ok) throw new Error(`userinfo ${reply.status}`);
    return reply.json();
  },
  async refresh() {
    tokens = await tokens.refresh();
  },
  revoke: () => tokens.revokeAll().then(() => null),
  introspect: () => [],
  signOut: () => signOutAddress(tokens.token.id_token),
});
