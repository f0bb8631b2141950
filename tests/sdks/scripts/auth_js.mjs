// The core of the Asgardeo SDKs, which is told where to keep things and how to reckon.
import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";

import { importJWK, jwtVerify } from "jose";

import { follow, given } from "./steps.mjs";

const { AsgardeoAuthClient } = createRequire(import.meta.url)("@asgardeo/auth-js");

const kept = new Map();
const store = {
  setData: async (key, value) => void kept.set(key, value),
  getData: async (key) => kept.get(key) ?? "{}",
  removeData: async (key) => void kept.delete(key),
};
const reckoning = {
  base64URLEncode: (value) => Buffer.from(value).toString("base64url"),
  base64URLDecode: (value) => Buffer.from(value, "base64url").toString(),
  generateRandomBytes: (length) => randomBytes(length),
  hashSha256: (data) => createHash("sha256").update(data).digest(),
  verifyJwt: async (idToken, jwk, algorithms, audience, issuer, subject, clockTolerance) =>
    Boolean(
      await jwtVerify(idToken, await importJWK(jwk), { algorithms, audience, issuer, subject, clockTolerance }),
    ),
};
const auth = new AsgardeoAuthClient();

follow({
  async authorize() {
    await auth.initialize(
      {
        baseUrl: given.base,
        clientID: given.clientId,
        signInRedirectURL: given.redirectUri,
        signOutRedirectURL: given.redirectUri,
        scope: given.scope.split(" "),
        sendIdTokenInLogoutRequest: true,
      },
      store,
      reckoning,
    );
    return auth.getAuthorizationURL();
  },
  async callback(address) {
    const answer = new URL(address).searchParams;
    await auth.requestAccessToken(answer.get("code"), answer.get("session_state"), answer.get("state"));
    kept.set("sign-out", await auth.getSignOutURL());
  },
  async userinfo() {
    const reply = await fetch((await auth.getOIDCServiceEndpoints()).userinfoEndpoint, {
      headers: { Authorization: `Bearer ${await auth.getAccessToken()}` },
    });
    if (!reply.ok) throw new Error(`userinfo ${reply.status}`);
    return reply.json();
  },
  refresh: async () => void (await auth.refreshAccessToken()),
  revoke: async () => void (await auth.revokeAccessToken()),
  introspect: () => [],
  signOut: () => kept.get("sign-out"),
});
