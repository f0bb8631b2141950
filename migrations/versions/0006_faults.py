"""What mended faults need of the store.

Only adds to what is there, beside traffic: workers of the version before go on with it. Any part of it may
be there already, from a run that was stopped.

Revision: 0006, after 0005
"""

from typing import Any

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
    _know_secret_keys(altering)
    _let_events_be_listed(altering)
    _create_client_origins(altering.schema)
    altering.add_columns("clients", [sa.Column("backchannel_logout_session_required", sa.Boolean())])


def _know_secret_keys(altering: Any) -> None:
    """Make the table of what is known of the secret keys."""
    op.create_table(
        "secret_keys",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("replaced", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_secret_keys")),
        schema=altering.schema,
        if_not_exists=True,
    )


def _let_events_be_listed(altering: Any) -> None:
    """Say in events whom they are about, and find them by that, by the client and by the cause."""
    altering.add_columns("revocations", [sa.Column("subject", sa.Text())])
    altering.create_index("revocations", ["tenant_id", "at", "id"])
    altering.create_index("revocations", ["tenant_id", "subject", "at", "id"], where="subject IS NOT NULL")
    altering.create_index(
        "revocations", ["tenant_id", "client_id", "at", "id"], where="client_id IS NOT NULL"
    )
    altering.create_index(
        "revocations", ["tenant_id", "cause", "at", "id"], where="cause <> 'revocation-endpoint'"
    )


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
