"""What mended faults need of the store.

Only adds to what is there, beside traffic: workers of the version before go on with it. Any part of it may
be there already, from a run that was stopped.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Not in one transaction: see `rescind.store.migrating`.
stands_beside_traffic = True


def upgrade() -> None:
    altering = context.config.attributes["altering"]
    _create_client_origins(altering.schema)


def _create_client_origins(schema: str | None) -> None:
    """Make room for what finds clients by an origin; before the last step it is filled in and looked at."""
    op.create_table(
        "client_origins",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "origin", "client_id", name=op.f("pk_client_origins")),
        schema=schema,
        if_not_exists=True,
    )
