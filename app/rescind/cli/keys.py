"""`rescind keys`."""

from dataclasses import asdict

import click

from rescind.cli.commands import Job, command, tenant_option
from rescind.domain.registry import keys


@click.group("keys")
def keys_() -> None:
    """Change the keys with which a tenant signs."""


@command("rotate", keys_)
@tenant_option
@click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
def rotate(job: Job, tenant_name: str, dry_run: bool) -> None:
    """Publish a new key, which signs once verifiers have it.

    The one that it replaces is published until the last ID token that it signed has expired.
    """
    tenant = job.tenant(tenant_name)
    if dry_run:
        planned = asdict(keys.plan_rotation(job.authority, tenant))
        del planned["kid"]
        job.out.record({"dry_run": True, "tenant": tenant_name, **planned})
        return
    rotation = keys.rotate(job.authority, tenant)
    job.out.record({"tenant": tenant_name, **asdict(rotation)})


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(keys_)
