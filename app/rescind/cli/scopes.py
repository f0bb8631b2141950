"""`rescind scope`: what scope values mean to people."""

import click

from rescind.cli.commands import Job, command
from rescind.domain.registry import scope_texts

tenant_argument = click.argument("tenant_name", metavar="TENANT")
name_argument = click.argument("name")


@click.group()
def scope() -> None:
    """Say to people, in sentences, what scope values of a tenant mean."""


@command("set", scope)
@tenant_argument
@name_argument
@click.option(
    "--text", required=True, metavar="S", help='Goes on behind "it would be allowed to": "read your notes".'
)
def set_(job: Job, tenant_name: str, name: str, text: str) -> None:
    """Say what the scope value NAME means, on the consent and the account page."""
    scope_texts.put(job.authority, job.tenant(tenant_name), name, text)
    job.out.record({"scope": name, "text": text})


@command("list", scope)
@tenant_argument
def list_(job: Job, tenant_name: str) -> None:
    """List the scope values that have a sentence, those of the product too."""
    known = scope_texts.list_all(job.authority, job.tenant(tenant_name))
    job.out.records(({"scope": name, "text": known[name]} for name in sorted(known)), "")


@command("delete", scope)
@tenant_argument
@name_argument
def delete(job: Job, tenant_name: str, name: str) -> None:
    """Take the tenant's sentence for NAME away; that of the product, if it has one, counts again."""
    scope_texts.delete(job.authority, job.tenant(tenant_name), name)
    job.out.record({"scope": name, "deleted": True})


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(scope)
