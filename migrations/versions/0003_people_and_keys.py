"""People who sign in, keys that sign, logout tokens on their way, and what an ID token says of a sign-in.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite has no schemas; there the tables have a file of their own.
    schema = None if op.get_bind().dialect.name == "sqlite" else "rescind"
    op.create_table(
        "users",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "username", name=op.f("pk_users")),
        schema=schema,
    )
    op.create_table(
        "signing_keys",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signs_from", sa.BigInteger(), nullable=False),
        sa.Column("published_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "kid", name=op.f("pk_signing_keys")),
        schema=schema,
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("window_ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_sign_in_attempts")),
        schema=schema,
    )
    op.create_index(
        op.f("ix_sign_in_attempts_tenant_id_window_ends_at"),
        "sign_in_attempts",
        ["tenant_id", "window_ends_at"],
        unique=False,
        schema=schema,
    )
    op.create_table(
        "deliveries",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("session_sid", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", "client_id", name=op.f("pk_deliveries")),
        schema=schema,
    )
    op.create_index(
        op.f("ix_deliveries_tenant_id_done_at_next_at"),
        "deliveries",
        ["tenant_id", "done_at", "next_at"],
        unique=False,
        schema=schema,
    )
    op.add_column("clients", sa.Column("backchannel_logout_uri", sa.Text(), nullable=True), schema=schema)
    op.add_column("grants", sa.Column("auth_time", sa.BigInteger(), nullable=True), schema=schema)
    op.add_column("authorization_codes", sa.Column("nonce", sa.Text(), nullable=True), schema=schema)
    op.add_column(
        "authorization_codes", sa.Column("auth_time", sa.BigInteger(), nullable=True), schema=schema
    )
    # Who is to hear of the end of a subject or a session: does this client have anything of it?
    op.drop_index(op.f("ix_grants_tenant_id_subject"), table_name="grants", schema=schema)
    op.create_index(
        op.f("ix_grants_tenant_id_subject_client_id"),
        "grants",
        ["tenant_id", "subject", "client_id"],
        unique=False,
        schema=schema,
    )
    op.create_index(
        op.f("ix_authorization_codes_tenant_id_session_sid"),
        "authorization_codes",
        ["tenant_id", "session_sid"],
        unique=False,
        schema=schema,
    )
