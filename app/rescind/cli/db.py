"""`rescind db`: the tables of the store."""

import click

from rescind.cli.commands import Job, command
from rescind.errors import Refused
from rescind.store import migrating


@click.group()
def db() -> None:
    """Make the tables, and check them."""


@command("upgrade", db)
def upgrade(job: Job) -> None:
    """Bring the store to the newest revision. To run it again, or twice at once, does no harm."""
    before = migrating.current(job.authority.store)
    migrating.upgrade(job.authority.store)
    job.out.record({"from": before, "to": migrating.current(job.authority.store)})


@command("check", db)
def check(job: Job) -> None:
    """Tell whether the store is at the newest revision and has just the tables it should have."""
    store = job.authority.store
    current, head = migrating.current(store), migrating.head()
    differences = migrating.differences(store)
    job.out.record({"current": current, "head": head, "differences": differences})
    if current != head:
        raise Refused("The store is not at the newest revision: run rescind db upgrade.")
    if differences:
        raise Refused("The tables of the store are not what this version works with.")


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(db)
