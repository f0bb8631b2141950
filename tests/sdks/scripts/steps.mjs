// A client that is told what to do, one line of JSON a step: {"step", "value"} -> {"done"} or {"failed"}.
import { createInterface } from "node:readline";

// Who the client is and where the server is, as the test has registered it.
export const given = JSON.parse(process.argv[2]);

const words = (error) =>
  [error.name, error.code, error.error, error.status, error.message, error.cause?.message, error.data?.payload?.error]
    .filter(Boolean)
    .join(" ");

export async function follow(steps) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { step, value } = JSON.parse(line);
    const answer = await Promise.resolve()
      .then(() => steps[step](value))
      .then((done = null) => ({ done }), (error) => ({ failed: words(error) }));
    console.log(JSON.stringify(answer));
  }
}

export const signOutAddress = (idToken) =>
  `${given.base}/oidc/logout?${new URLSearchParams({
    id_token_hint: idToken,
    post_logout_redirect_uri: given.redirectUri,
    state: "bye",
  })}`;
