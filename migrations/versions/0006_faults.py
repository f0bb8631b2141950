"""What mended faults need of the store.

Only adds to what is there, beside traffic: workers of the version before go on with it. Any part of it may
be there already, from a run that was stopped.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import context

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Not in one transaction: see `rescind.store.migrating`.
stands_beside_traffic = True


def upgrade() -> None:
    altering = context.config.attributes["altering"]
    altering.add_columns("clients", [sa.Column("backchannel_logout_session_required", sa.Boolean())])
