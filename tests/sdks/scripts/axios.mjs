// What the document's sample needs around it, by the same two packages: the sample itself revokes, as it stands.
import { createHash, randomBytes } from "node:crypto";

import axios from "axios";
import qs from "qs";

import { follow, given, signOutAddress } from "./steps.mjs";

const verifier = randomBytes(32).toString("base64url");
let tokens;

async function fetchTokens(fields) {
  const reply = await axios.post(
    `${given.base}/oauth2/token`,
    qs.stringify({ client_id: given.clientId, ...fields }),
  );
  tokens = reply.data;
}

follow({
  authorize: () =>
    `${given.base}/oauth2/authorize?${qs.stringify({
      response_type: "code",
      client_id: given.clientId,
      redirect_uri: given.redirectUri,
      scope: given.scope,
      state: "a state",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    })}`,
  callback: (address) =>
    fetchTokens({
      grant_type: "authorization_code",
      code: new URL(address).searchParams.get("code"),
      redirect_uri: given.redirectUri,
      code_verifier: verifier,
    }),
  userinfo: async () =>
    (
      await axios.get(`${given.base}/oauth2/userinfo`, {
        headers: { Authorization: `Bearer ${tokens.access_token}` },
      })
    ).data,
  refresh: () => fetchTokens({ grant_type: "refresh_token", refresh_token: tokens.refresh_token }),
  introspect: () => [],
  signOut: () => signOutAddress(tokens.id_token),
});
