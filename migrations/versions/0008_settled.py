"""Take away what only workers of the version before needed. None of them may be left.

What their rows lack has been filled in before, by `rescind.store.backfilling`.

Revision: 0008, after 0007
"""

from alembic import context, op

from rescind.store.collating import collate

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

stands_beside_traffic = True
# Only with `rescind db upgrade --finish`, or on a store that is new.
is_last_step = True

DROPPED = (
    ("deliveries", "done_at_next_at"),
    ("tokens", "grant_id"),
    ("tokens", "expires_at"),
    ("grants", "expires_at"),
    ("grants", "client_id"),
    ("grants", "subject_client_id"),
    ("sessions", "expires_at"),
    ("authorization_codes", "kept_until"),
    ("sign_in_attempts", "window_ends_at"),
    ("used_assertions", "expires_at"),
    ("revocations", "at"),
)
# What a store has too much before it, against the models.
SURPLUS = tuple(f"ix_{table}_tenant_id_{columns}" for table, columns in DROPPED)
KEYS = {
    "authorization_codes": ["digest"],
    "clients": ["client_id"],
    "deliveries": ["event_id", "client_id"],
    "device_codes": ["digest"],
    "grants": ["id"],
    "personal_tokens": ["grant_id"],
    "registration_tokens": ["digest"],
    "revocations": ["id"],
    "session_clients": ["session_sid", "client_id", "subject"],
    "sessions": ["sid"],
    "sign_in_attempts": ["key"],
    "tokens": ["digest"],
    "used_assertions": ["client_id", "jti"],
}


def upgrade() -> None:
    altering = context.config.attributes["altering"]
    for name in SURPLUS:
        altering.drop_index(name)
    altering.narrow_index("grants", ["tenant_id", "session_sid"], "session_sid IS NOT NULL")
    if not altering.is_sqlite and not altering.is_beside_traffic:
        collate(altering)
        _make_primary_keys_last(altering.schema)


def _make_primary_keys_last(schema: str) -> None:
    """Make the primary keys anew, so that they are younger than the other indexes of their tables.

    While PostgreSQL has no statistics, several indexes cost it the same; it takes the youngest, and keeps the
    plan. One that goes through all rows of a tenant would stay until the tables are first analyzed.
    """
    for table, key in KEYS.items():
        op.drop_constraint(op.f(f"pk_{table}"), table, schema=schema, type_="primary")
        op.create_primary_key(op.f(f"pk_{table}"), table, ["tenant_id", *key], schema=schema)
