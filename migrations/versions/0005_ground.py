"""When rows can be purged, refresh tokens by number, and who is to hear of a session's end.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PURGED = (
    "authorization_codes", "deliveries", "grants", "revocations", "sessions", "sign_in_attempts",
    "signing_keys", "tokens", "used_assertions",
)  # fmt: skip


def upgrade() -> None:
    schema = None if op.get_bind().dialect.name == "sqlite" else "rescind"
    for table in PURGED:
        op.add_column(table, sa.Column("purge_at", sa.BigInteger(), nullable=True), schema=schema)
    for name, kind in (
        ("generation", sa.BigInteger()),
        ("refresh_digest", sa.LargeBinary()),
        ("previous_digest", sa.LargeBinary()),
        ("rotated_at", sa.BigInteger()),
        ("salt", sa.LargeBinary()),
    ):
        op.add_column("grants", sa.Column(name, kind, nullable=True), schema=schema)
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
    )
    op.create_index(
        op.f("ix_session_clients_tenant_id_subject"),
        "session_clients",
        ["tenant_id", "subject"],
        schema=schema,
    )
    op.create_index(
        op.f("ix_session_clients_tenant_id_purge_at"),
        "session_clients",
        ["tenant_id", "purge_at"],
        schema=schema,
    )
    op.create_table(
        "duties",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "duty", name=op.f("pk_duties")),
        schema=schema,
    )
    for table in PURGED:
        if table != "signing_keys":
            op.create_index(
                op.f(f"ix_{table}_tenant_id_purge_at"), table, ["tenant_id", "purge_at"], schema=schema
            )
    for table, columns in (
        ("tokens", "grant_id"), ("tokens", "expires_at"), ("grants", "expires_at"), ("grants", "session_sid"),
        ("grants", "subject_client_id"), ("sessions", "expires_at"), ("authorization_codes", "kept_until"),
        ("sign_in_attempts", "window_ends_at"), ("used_assertions", "expires_at"),
    ):  # fmt: skip
        op.drop_index(op.f(f"ix_{table}_tenant_id_{columns}"), table_name=table, schema=schema)
    for name, columns, condition in (
        ("session_sid", ["tenant_id", "session_sid"], "session_sid IS NOT NULL"),
        ("subject_client_id", ["tenant_id", "subject", "client_id"], "subject IS NOT NULL"),
    ):
        op.create_index(
            op.f(f"ix_grants_tenant_id_{name}"), "grants", columns, schema=schema,
            postgresql_where=sa.text(condition), sqlite_where=sa.text(condition),
        )  # fmt: skip
    if schema is not None:
        for table, key in (
            ("grants", "id"),
            ("sessions", "sid"),
            ("tokens", "digest"),
            ("revocations", "id"),
        ):
            op.drop_constraint(op.f(f"pk_{table}"), table, schema=schema, type_="primary")
            op.create_primary_key(op.f(f"pk_{table}"), table, ["tenant_id", key], schema=schema)
    _key_outbox_by_receiver(schema)


def _key_outbox_by_receiver(schema: str | None) -> None:
    op.create_table(
        "receivers",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("silences", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", name=op.f("pk_receivers")),
        schema=schema,
    )
    for columns, condition in (
        (["next_at", "tenant_id", "client_id"], "done_at IS NULL"),
        (["tenant_id", "client_id", "event_id"], "done_at IS NULL AND purge_at IS NULL"),
    ):
        op.create_index(
            op.f(f"ix_deliveries_{'_'.join(columns)}"), "deliveries", columns, schema=schema,
            postgresql_where=sa.text(condition), sqlite_where=sa.text(condition),
        )  # fmt: skip
    op.drop_index(op.f("ix_deliveries_tenant_id_done_at_next_at"), table_name="deliveries", schema=schema)
