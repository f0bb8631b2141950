"""`rescind tenant`."""

import click

from rescind.cli.commands import Job, command, destructive
from rescind.cli.output import Record
from rescind.domain import revocation, selectors, tenants
from rescind.store.records import TenantRecord

name_argument = click.argument("name")


@click.group()
def tenant() -> None:
    """Make, show, close and open tenants."""


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
    """Show a tenant."""
    job.out.record(_describe(job, tenants.get(job.authority, name)))


@command("disable", tenant)
@name_argument
@destructive
def disable(job: Job, name: str, dry_run: bool, is_sure: bool) -> None:
    """Revoke everything of a tenant and close it: every path of it answers 404."""
    job.tenant(name)
    if dry_run:
        count = revocation.count_covered(job.authority, selectors.Tenant(name))
        job.out.record({"dry_run": True, "tenant": name, "active_grants": count})
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


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(tenant)
