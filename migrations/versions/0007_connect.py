"""Make room for what connects clients: resources, registration, policies, people's claims, devices.

Only adds to what is there, beside traffic: workers of the version before go on with it. Any part of it may
be there already, from a run that was stopped.

Revision: 0007, after 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from rescind.store.altering import index_name

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Not in one transaction: see `rescind.store.migrating`.
stands_beside_traffic = True


def upgrade() -> None:
    altering = context.config.attributes["altering"]
    _say_more_of_clients(altering)
    _say_more_of_people(altering)
    _give_tokens_an_audience(altering)
    _say_when_refresh_tokens_were_used(altering)
    _create_client_resources(altering.schema)
    _create_registration_tokens(altering)
    _create_scope_texts(altering.schema)
    _create_device_codes(altering)
    _create_personal_tokens(altering)


def _say_more_of_clients(altering: Any) -> None:
    """Give clients resources, policies, a face, a provenance, and a time from when they are looked at."""
    altering.add_columns(
        "clients",
        [
            sa.Column("disabled_at", sa.BigInteger()),
            sa.Column("resources", sa.Text()),
            sa.Column("refresh_grace_seconds", sa.BigInteger()),
            sa.Column("on_reuse", sa.Text()),
            sa.Column("is_rotating", sa.Boolean()),
            sa.Column("logo_url", sa.Text()),
            sa.Column("home_url", sa.Text()),
            sa.Column("provenance", sa.Text()),
            sa.Column("registration_digest", sa.LargeBinary()),
            sa.Column("document", sa.Text()),
            sa.Column("document_expires_at", sa.BigInteger()),
            sa.Column("sweep_at", sa.BigInteger()),
            sa.Column("likeness", sa.Text()),
        ],
    )
    altering.create_index("clients", ["tenant_id", "sweep_at"], where="sweep_at IS NOT NULL")
    altering.create_index("clients", ["tenant_id", "likeness"], where="likeness IS NOT NULL")


def _say_more_of_people(altering: Any) -> None:
    """Keep claims of users, and of a session the browser and when it was last seen."""
    altering.add_columns(
        "users",
        [
            sa.Column("email", sa.Text()),
            sa.Column("is_email_verified", sa.Boolean()),
            sa.Column("display_name", sa.Text()),
            sa.Column("picture", sa.Text()),
            sa.Column("phone", sa.Text()),
            sa.Column("claims", sa.Text()),
        ],
    )
    altering.add_columns(
        "sessions", [sa.Column("user_agent", sa.Text()), sa.Column("seen_at", sa.BigInteger())]
    )


def _give_tokens_an_audience(altering: Any) -> None:
    """Keep which resources a token, or what a code stands for, is meant for; grants have it already.

    And for which they are where none is asked for.
    """
    altering.add_columns(
        "tenants", [sa.Column("default_resource", sa.Text()), sa.Column("refreshing", sa.Text())]
    )
    for table in ("tokens", "authorization_codes"):
        altering.add_columns(table, [sa.Column("audience", sa.Text())])


def _say_when_refresh_tokens_were_used(altering: Any) -> None:
    """Keep when a refresh token was used and not replaced, and when an old one was refused."""
    altering.add_columns(
        "grants",
        [sa.Column("renewed_at", sa.BigInteger()), sa.Column("reuse_refused_at", sa.BigInteger())],
    )


def _create_client_resources(schema: str | None) -> None:
    """Make room for what finds resource servers by a resource."""
    op.create_table(
        "client_resources",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "resource", "client_id", name=op.f("pk_client_resources")),
        schema=schema,
        if_not_exists=True,
    )


def _create_registration_tokens(altering: Any) -> None:
    """Make room for initial access tokens."""
    op.create_table(
        "registration_tokens",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("uses_left", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_registration_tokens")),
        schema=altering.schema,
        if_not_exists=True,
    )
    _purge_by_index(altering, "registration_tokens")


def _create_scope_texts(schema: str | None) -> None:
    """Make room for what scope values mean to people."""
    op.create_table(
        "scope_texts",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "scope", name=op.f("pk_scope_texts")),
        schema=schema,
        if_not_exists=True,
    )


def _create_device_codes(altering: Any) -> None:
    """Make room for what devices wait for."""
    op.create_table(
        "device_codes",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("session_sid", sa.Text()),
        sa.Column("auth_time", sa.BigInteger()),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text()),
        sa.Column("tenant_epoch", sa.BigInteger(), nullable=False),
        sa.Column("client_epoch", sa.BigInteger(), nullable=False),
        sa.Column("subject_epoch", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("interval_seconds", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("allowed_at", sa.BigInteger()),
        sa.Column("denied_at", sa.BigInteger()),
        sa.Column("redeemed_at", sa.BigInteger()),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_device_codes")),
        schema=altering.schema,
        if_not_exists=True,
    )
    # The table is new, so nothing waits for its lock.
    op.create_index(
        index_name("device_codes", ["tenant_id", "user_code_digest"]),
        "device_codes",
        ["tenant_id", "user_code_digest"],
        unique=True,
        schema=altering.schema,
        if_not_exists=True,
    )
    _purge_by_index(altering, "device_codes")


def _create_personal_tokens(altering: Any) -> None:
    """Make room for what people call the tokens that they made themselves."""
    op.create_table(
        "personal_tokens",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "grant_id", name=op.f("pk_personal_tokens")),
        schema=altering.schema,
        if_not_exists=True,
    )
    altering.create_index("personal_tokens", ["tenant_id", "subject"])
    _purge_by_index(altering, "personal_tokens")


def _purge_by_index(altering: Any, table: str) -> None:
    altering.create_index(table, ["tenant_id", "purge_at"])
