"""Authorization codes, and the assertions that clients have used.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite has no schemas; there the tables have a file of their own.
    schema = None if op.get_bind().dialect.name == "sqlite" else "rescind"
    op.create_table(
        "authorization_codes",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("session_sid", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("tenant_epoch", sa.BigInteger(), nullable=False),
        sa.Column("client_epoch", sa.BigInteger(), nullable=False),
        sa.Column("subject_epoch", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_authorization_codes")),
        schema=schema,
    )
    op.create_index(
        op.f("ix_authorization_codes_tenant_id_kept_until"),
        "authorization_codes",
        ["tenant_id", "kept_until"],
        unique=False,
        schema=schema,
    )
    op.create_table(
        "used_assertions",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "jti", name=op.f("pk_used_assertions")),
        schema=schema,
    )
    op.create_index(
        op.f("ix_used_assertions_tenant_id_expires_at"),
        "used_assertions",
        ["tenant_id", "expires_at"],
        unique=False,
        schema=schema,
    )
