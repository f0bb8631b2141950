// node-oidc-provider on PostgreSQL, in one process, which is how Node runs a program.
//
// What is set to its advantage: clients are part of its configuration, so that no request reads one; tokens are
// opaque and stored as they are; as many connections to the database as the load has, so that commits go
// together; connections of clients are kept; nothing but the endpoints that are measured is switched on.

import { generateKeyPairSync } from 'node:crypto';

import Provider from 'oidc-provider';
import pg from 'pg';

import { createAdapter, createTable } from './postgresql_adapter.mjs';

const TOKEN_SECONDS = 24 * 3600;
const AT_ONCE = 32;
const [, , command, ...given] = process.argv;

const pool = new pg.Pool({ max: Number(process.env.PEER_CONNECTIONS) });

const client = (clientId) => ({
  client_id: clientId,
  client_secret: process.env.PEER_SECRET,
  ...(clientId === 'refresh'
    ? { grant_types: ['authorization_code', 'refresh_token'], redirect_uris: ['https://client.example/callback'] }
    : { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }),
});

const provider = new Provider('http://127.0.0.1', {
  adapter: createAdapter(pool),
  clients: process.env.PEER_CLIENTS.split(' ').map(client),
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    devInteractions: { enabled: false },
  },
  routes: { token: '/token', revocation: '/revoke', introspection: '/introspect' },
  scopes: ['offline_access'],
  // No request of the benchmark signs anything; without a key it warns.
  jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
  ttl: Object.fromEntries(
    ['AccessToken', 'ClientCredentials', 'RefreshToken', 'Grant'].map((model) => [model, TOKEN_SECONDS]),
  ),
  // By default a refresh token of a confidential client is rotated late in its life; ours rotates on every use.
  rotateRefreshToken: true,
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});

const serve = (port) => {
  const server = provider.listen(port, '127.0.0.1');
  server.keepAliveTimeout = 75_000;
};

const accessToken = (owner) => new provider.ClientCredentials({ client: owner }).save();

const refreshToken = async (owner) => {
  const grant = new provider.Grant({ accountId: 'alice', clientId: owner.clientId });
  grant.addOIDCScope('offline_access');
  const grantId = await grant.save();
  return new provider.RefreshToken({
    client: owner,
    accountId: 'alice',
    grantId,
    gty: 'authorization_code',
    scope: 'offline_access',
    expiresWithSession: false,
  }).save();
};

const issue = async (clientId, kind, count) => {
  const owner = await provider.Client.find(clientId);
  const make = kind === 'refresh' ? refreshToken : accessToken;
  let left = Number(count);
  const strings = [];
  const one = async () => {
    while (left > 0) {
      left -= 1;
      strings.push(await make(owner));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  process.stdout.write(`${strings.join('\n')}\n`);
};

const commands = { prepare: () => createTable(pool), serve, issue };
await commands[command](...given);
if (command !== 'serve') await pool.end();
