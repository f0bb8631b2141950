"""`rescind registration-token`."""

import click

from rescind.cli.commands import Job, command, destructive, from_stdin, tenant_option
from rescind.cli.output import Record
from rescind.domain.registry import registration_tokens
from rescind.store.registration_tokens import RegistrationTokenRecord

_DAY_SECONDS = 86_400


@click.group("registration-token")
def registration_token() -> None:
    """Make tokens with which clients register themselves, show them, take them away."""


@command("create", registration_token)
@tenant_option
@click.option("--uses", type=int, default=1, show_default=True, metavar="N", help="For so many clients.")
@click.option(
    "--expires-in",
    "lifetime_seconds",
    type=int,
    default=_DAY_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="For how long it is good.",
)
def create(job: Job, tenant_name: str, uses: int, lifetime_seconds: int) -> None:
    """Make a token, shown this once. It counts while the tenant has --registration token."""
    made = registration_tokens.create(
        job.authority, job.tenant(tenant_name), uses=uses, lifetime_seconds=lifetime_seconds
    )
    job.out.say("The token is not kept and can't be shown again.")
    job.out.record({"registration_token": made.token, **_describe(made.record)})


@command("list", registration_token)
@tenant_option
def list_(job: Job, tenant_name: str) -> None:
    """List the tokens of a tenant that have not expired long ago."""
    known = registration_tokens.list_all(job.authority, job.tenant(tenant_name))
    job.out.records(map(_describe, known), "There is none.")


@command("delete", registration_token)
@tenant_option
@click.argument("token")
@destructive
def delete(job: Job, tenant_name: str, token: str, dry_run: bool, is_sure: bool) -> None:
    """Take a token away, by its id or itself ("-" reads it). The clients that used it stay."""
    tenant, named = job.tenant(tenant_name), from_stdin(token) or ""
    record = registration_tokens.get(job.authority, tenant, named)
    told = {"id": registration_tokens.id_of(record)}
    if dry_run:
        job.out.record({"dry_run": True, **_describe(record)})
        return
    job.confirm(f"Let nobody register with the token {told['id']} any more?", is_sure=is_sure)
    registration_tokens.delete(job.authority, tenant, named)
    job.out.record({**told, "deleted": True})


def _describe(record: RegistrationTokenRecord) -> Record:
    return {
        "id": registration_tokens.id_of(record),
        "uses_left": record.uses_left,
        "created_at": record.created_at,
        "expires_at": record.expires_at,
    }


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(registration_token)
