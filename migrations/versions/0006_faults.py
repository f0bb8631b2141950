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
    schema = context.config.attributes["altering"].schema
    op.create_table(
        "secret_keys",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("replaced", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_secret_keys")),
        schema=schema,
        if_not_exists=True,
    )
