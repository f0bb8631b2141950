"""`rescind token`: for operators and tests."""

import click

from rescind.cli.commands import Job, command, from_stdin, tenant_option
from rescind.cli.output import Record
from rescind.domain import operating
from rescind.domain.tokens import active
from rescind.domain.tokens.issuing import IssuedTokens
from rescind.protocol.token_responses import token_response
from rescind.store.records import TokenRecord


@click.group()
def token() -> None:
    """Issue tokens, and look at one."""


@command("issue", token)
@tenant_option
@click.option("--client", "client_id", required=True, metavar="C", help="Whose tokens these are.")
@click.option("--subject", metavar="S", help="Who the token is about; without it the client acts for itself.")
@click.option("--scope", default="", metavar='"A B"', help="Of the client's; all of it where none is given.")
@click.option(
    "--resource",
    "audience",
    multiple=True,
    metavar="URI",
    help="What the token is meant for, as a resource server's --resource says. May be repeated.",
)
@click.option(
    "--expires-in", type=click.IntRange(1, 31_536_000), metavar="SECONDS", help="Of the access token."
)
@click.option(
    "--count",
    type=click.IntRange(1, 10_000_000),
    default=1,
    metavar="N",
    help="How many, each its own grant.",
)
def issue(
    job: Job,
    tenant_name: str,
    client_id: str,
    subject: str | None,
    scope: str,
    audience: tuple[str, ...],
    expires_in: int | None,
    count: int,
) -> None:
    """Issue tokens without asking anybody; with --json one line each.

    With a subject, a client that may refresh gets a refresh token too.
    """
    issuing = operating.issue(
        job.authority,
        tenant_name,
        client_id,
        subject=subject,
        scope=scope,
        expires_in=expires_in,
        count=count,
        audience=audience,
    )
    job.out.series(_describe_issued(issued) for issued in issuing)


@command("inspect", token)
@tenant_option
@click.argument("token")
def inspect(job: Job, tenant_name: str, token: str) -> None:
    """Show what is known of a TOKEN; "-" reads it from standard input."""
    shown = (from_stdin(token) or "").strip()
    store = job.authority.store
    with store.keeping():
        tenant = job.tenant(tenant_name)
        record = active.look_up(job.authority, tenant.id, shown)
        if record is not None and record.is_active:
            store.vouch(tenant.standing, tenant.id)
    job.out.record({"active": False} if record is None else _describe(record))


def _describe_issued(issued: IssuedTokens) -> Record:
    record = token_response(issued)
    return {**record, "scope": record.get("scope", ""), "grant_id": issued.grant_id}


def _describe(record: TokenRecord) -> Record:
    return {
        "active": record.is_active,
        "kind": record.kind,
        "client_id": record.grant.client_id,
        "subject": record.grant.subject,
        "scope": " ".join(record.scope),
        "aud": list(record.audience),
        "grant_id": record.grant.id,
        "session": record.grant.session_sid,
        "issued_at": record.issued_at,
        "expires_at": record.expires_at,
        "rotated_at": record.rotated_at,
        "ended": record.is_ended,
        "expired": record.is_expired,
        "suspended": record.is_suspended,
    }


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(token)
