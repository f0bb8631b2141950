import { follow, given } from "./steps.mjs";

const { Client, StreamableHTTPClientTransport } =
  given.package === "@modelcontextprotocol/client"
    ? await import("@modelcontextprotocol/client")
    : {
        ...(await import("@modelcontextprotocol/sdk/client/index.js")),
        ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
      };

// What an app keeps between its runs.
const kept = {};
let transport, sentTo;
const provider = {
  redirectUrl: given.redirectUri,
  clientMetadataUrl: given.document ?? undefined,
  clientMetadata: {
    client_name: "Agent",
    redirect_uris: [given.redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  codeVerifier: () => kept.verifier,
  invalidateCredentials: (which) => {
    if (which === "all" || which === "tokens") delete kept.tokens;
    if (which === "all" || which === "client") delete kept.client;
  },
  redirectToAuthorization: (address) => void (sentTo = address.href),
};

follow({
  async call(tool) {
    sentTo = undefined;
    transport = new StreamableHTTPClientTransport(new URL(given.url), { authProvider: provider });
    const client = new Client({ name: "agent", version: "1.0.0" });
    try {
      await client.connect(transport);
      const { content } = await client.callTool({ name: tool, arguments: {} });
      return { said: content[0].text };
    } catch (error) {
      if (!sentTo) throw error;
      return { sentTo };
    } finally {
      await client.close();
    }
  },
  async finish(address) {
    const { searchParams } = new URL(address);
    if (searchParams.has("error")) throw new Error(searchParams.get("error"));
    await transport.finishAuth(searchParams.get("code"), searchParams.get("iss"));
  },
  clientId: () => kept.client.client_id,
});
