"""In which session `offline_access` was given, and whether the end of a session took that along.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite has no schemas; there the tables have a file of their own.
    schema = None if op.get_bind().dialect.name == "sqlite" else "rescind"
    # Of grants from before it stays unknown; such a grant outlives every session.
    op.add_column("grants", sa.Column("offline_session_sid", sa.Text(), nullable=True), schema=schema)
    op.add_column("sessions", sa.Column("offline_ended_at", sa.BigInteger(), nullable=True), schema=schema)
