"""When rows can be purged, refresh tokens by number, and who is to hear of a session's end.

Only adds to what is there, beside traffic: workers of the version before go on with it. Any part of it may
be there already, from a run that was stopped.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Not in one transaction: see `rescind.store.migrating`.
stands_beside_traffic = True

PURGED = (
    *("authorization_codes", "deliveries", "grants", "revocations", "sessions", "sign_in_attempts"),
    *("signing_keys", "tokens", "used_assertions"),
)
OF_REFRESH_TOKENS = (
    ("generation", sa.BigInteger),
    ("refresh_digest", sa.LargeBinary),
    ("previous_digest", sa.LargeBinary),
    ("rotated_at", sa.BigInteger),
    ("salt", sa.LargeBinary),
)


def upgrade() -> None:
    altering = context.config.attributes["altering"]
    _create_tables(altering.schema)
    for table in PURGED:
        added = [("purge_at", sa.BigInteger), *(OF_REFRESH_TOKENS if table == "grants" else ())]
        altering.add_columns(table, [sa.Column(name, kind()) for name, kind in added])
    if not altering.is_sqlite:
        # An update then finds room beside the row, and touches no index.
        for table in ("grants", "tokens"):
            altering.run(f"ALTER TABLE {altering.named(table)} SET (fillfactor = 85)")
    altering.create_index("session_clients", ["tenant_id", "subject"])
    altering.create_index("session_clients", ["tenant_id", "client_id", "session_sid"])
    altering.create_index("grants", ["tenant_id", "client_id", "id"])
    altering.create_index("grants", ["tenant_id", "subject", "client_id", "id"], where="subject IS NOT NULL")
    altering.create_index(
        "grants", ["tenant_id", "offline_session_sid"], where="offline_session_sid IS NOT NULL"
    )
    for table in (*PURGED, "session_clients"):
        if table != "signing_keys":
            altering.create_index(table, ["tenant_id", "purge_at"])
    altering.create_index("deliveries", ["next_at", "tenant_id", "client_id"], where="done_at IS NULL")
    altering.create_index(
        "deliveries",
        ["tenant_id", "client_id", "next_at", "event_id"],
        where="done_at IS NULL AND purge_at IS NULL",
    )


def _create_tables(schema: str | None) -> None:
    op.create_table(
        "session_clients",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("session_sid", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "session_sid", "client_id", "subject", name=op.f("pk_session_clients")
        ),
        schema=schema,
        if_not_exists=True,
    )
    op.create_table(
        "receivers",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("silences", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", name=op.f("pk_receivers")),
        schema=schema,
        if_not_exists=True,
    )
    op.create_table(
        "duties",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "duty", name=op.f("pk_duties")),
        schema=schema,
        if_not_exists=True,
    )
