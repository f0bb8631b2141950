"""`rescind tenant`."""

from dataclasses import asdict

import click

from rescind.cli.commands import Job, command, destructive
from rescind.cli.output import Record
from rescind.cli.revoke import covered
from rescind.domain.registry import tenants
from rescind.domain.revoking import selectors
from rescind.store.records import TenantRecord

name_argument = click.argument("name")


@click.group()
def tenant() -> None:
    """Make, show, change, close and open tenants."""


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
def update(job: Job, name: str, **options: str | bool | None) -> None:
    """Change what is given, and leave the rest; "" takes a name, logo or colour away."""
    record = job.tenant(name)
    given = {option: value for option, value in options.items() if value is not None}
    tenants.update(job.authority, record, given)
    job.out.record(_describe_wholly(job, record))


@command("disable", tenant)
@name_argument
@destructive
def disable(job: Job, name: str, dry_run: bool, is_sure: bool) -> None:
    """Revoke everything of a tenant and close it: every path of it answers 404."""
    job.tenant(name)
    if dry_run:
        job.out.record({"dry_run": True, "tenant": name, **covered(job, selectors.Tenant(name))})
        return
    job.confirm(f"End every token and session of the tenant {name} and close it?", is_sure=is_sure)
    done = tenants.disable(job.authority, name, actor=job.actor)
    job.out.record({"tenant": name, "disabled": True, "event_id": done.event_id})


@command("enable", tenant)
@name_argument
def enable(job: Job, name: str) -> None:
    """Open a tenant again; nothing that was revoked comes back."""
    job.out.record(_describe(job, tenants.enable(job.authority, name)))


def _describe(job: Job, record: TenantRecord) -> Record:
    return {
        "tenant": record.name,
        "issuer": job.authority.settings.issuer(record.name),
        "created_at": record.created_at,
        "disabled_at": record.disabled_at,
    }


def _describe_wholly(job: Job, record: TenantRecord) -> Record:
    return {**_describe(job, record), **asdict(tenants.settings_of(job.authority, record))}


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(tenant)
