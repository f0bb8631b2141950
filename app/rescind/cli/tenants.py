"""`rescind tenant`."""

from dataclasses import asdict

import click

from rescind.cli.commands import Job, command, destructive
from rescind.cli.covering import confirm_end, covered
from rescind.cli.output import Record
from rescind.cli.refresh_options import refresh_options
from rescind.domain.people import personal_tokens
from rescind.domain.registry import tenant_deletion, tenant_settings, tenants
from rescind.domain.registry.refresh_options import CHECKS, described
from rescind.domain.revoking import selectors
from rescind.store.records import TenantRecord

name_argument = click.argument("name")


@click.group()
def tenant() -> None:
    """Make, show, change, close and open tenants, and take them away."""


@command("create", tenant)
@name_argument
def create(job: Job, name: str) -> None:
    """Make a tenant; NAME is its segment of every path."""
    job.out.record(_describe(job, tenants.create(job.authority, name)))


@command("list", tenant)
def list_(job: Job) -> None:
    """List all tenants."""
    described = (_describe(job, record) for record in tenants.list_all(job.authority))
    job.out.records(described, "There is no tenant yet: rescind tenant create NAME.")


@command("show", tenant)
@name_argument
def show(job: Job, name: str) -> None:
    """Show a tenant, and what is set for it."""
    job.out.record(_describe_wholly(job, tenants.get(job.authority, name)))


@command("update", tenant)
@name_argument
@click.option("--display-name", metavar="N", help="Name that its pages show instead of NAME.")
@click.option("--logo-url", metavar="U", help="Logo of its pages: an https URL, or a data: one.")
@click.option("--colour", metavar="#RRGGBB", help="Colour of its pages.")
@click.option(
    "--logout-ends-offline-access/--no-logout-ends-offline-access",
    default=None,
    help="Whether the end of a session ends what was given offline_access in it, too.",
)
@click.option(
    "--default-resource", metavar="URI", help="What tokens are meant for where no resource is asked for."
)
@refresh_options
@click.option(
    "--registration",
    type=click.Choice(tenant_settings.REGISTRATIONS),
    help="Who may register a client over HTTP: nobody, who has a registration token, or anybody.",
)
@click.option(
    "--client-metadata-documents",
    type=click.Choice(["on", "off"]),
    help="Whether clients are taken whose id is the https URL of the document that describes them.",
)
@click.option(
    "--open-scope",
    metavar='"A B"',
    help="What clients may ask for that nobody here has registered, in the place of openid profile email "
    'phone offline_access; "" for that again.',
)
@click.option(
    "--personal-access-tokens",
    type=click.Choice(["on", "off"]),
    help="Whether people may make tokens for scripts of their own; off, none of those is active.",
)
def update(
    job: Job,
    name: str,
    client_metadata_documents: str | None,
    personal_access_tokens: str | None,
    **options: str | bool | None,
) -> None:
    """Change what is given, and leave the rest; "" takes a value away.

    What is set for refresh tokens holds for the clients for which it is not.
    """
    record = job.tenant(name)
    if personal_access_tokens is not None:
        turn = personal_tokens.turn_on if personal_access_tokens == "on" else personal_tokens.turn_off
        turn(job.authority, record, actor=job.actor)
    given = {option: value for option, value in options.items() if value is not None}
    if client_metadata_documents is not None:
        given["client_metadata_documents"] = client_metadata_documents == "on"
    tenants.update(job.authority, record, given)
    job.out.record(_describe_wholly(job, job.tenant(name)))


@command("disable", tenant)
@name_argument
@destructive
def disable(job: Job, name: str, dry_run: bool, is_sure: bool) -> None:
    """Revoke everything of a tenant and close it: every path of it answers 404."""
    job.tenant(name)
    selector = selectors.Tenant(name)
    if dry_run:
        job.out.record({"dry_run": True, "tenant": name, **covered(job, selector)})
        return
    confirm_end(job, selector, f"Close the tenant {name}", is_sure=is_sure)
    done = tenants.disable(job.authority, name, actor=job.actor)
    if not done.revoked:
        job.out.say(f"The tenant {name} was disabled already.")
    job.out.record({"tenant": name, "disabled": True, "event_id": done.event_id})


@command("enable", tenant)
@name_argument
def enable(job: Job, name: str) -> None:
    """Open a tenant again; nothing that was revoked comes back."""
    job.out.record(_describe(job, tenants.enable(job.authority, name)))


@command("delete", tenant)
@name_argument
@destructive
def delete(job: Job, name: str, dry_run: bool, is_sure: bool) -> None:
    """Delete all that is kept of a tenant that is disabled, the record of its revocations too.

    It goes in batches beside traffic. One that was stopped goes on when it is run again.
    """
    rows, is_all = tenant_deletion.count(job.authority, name)
    if dry_run:
        job.out.record({"dry_run": True, "tenant": name, "rows": rows, "is_all": is_all})
        return
    many = f"{rows:,}" if is_all else f"more than {rows:,}"
    job.confirm(f"Delete the tenant {name} for good, with {many} rows of its own?", is_sure=is_sure)
    gone = sum(batch.rows for batch in tenant_deletion.delete(job.authority, name))
    job.out.record({"tenant": name, "deleted": True, "rows": gone})


def _describe(job: Job, record: TenantRecord) -> Record:
    return {
        "tenant": record.name,
        "issuer": job.authority.settings.issuer(record.name),
        "created_at": record.created_at,
        "disabled_at": record.disabled_at,
    }


def _describe_wholly(job: Job, record: TenantRecord) -> Record:
    found = asdict(tenants.settings_of(job.authority, record))
    refreshing = described(*(found.pop(name) for name in CHECKS))
    own = {
        "default_resource": record.default_resource,
        "personal_access_tokens": personal_tokens.is_on(job.authority, record),
    }
    return {**_describe(job, record), **found, **refreshing, **own}


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(tenant)
