"""`rescind db`: the tables of the store."""

import click

from rescind.cli.commands import Job, command
from rescind.errors import Refused, StoreUnavailable
from rescind.store import migrating
from rescind.web.serving.health import NOT_MIGRATED


@click.group()
def db() -> None:
    """Make the tables, and check them."""


@command("upgrade", db)
def upgrade(job: Job) -> None:
    """Bring the store to the newest revision. To run it again, or twice at once, does no harm."""
    store = job.unchecked_authority.store
    before = migrating.current(store)
    migrating.upgrade(store)
    job.out.record({"from": before, "to": migrating.current(store)})


@command("check", db)
def check(job: Job) -> None:
    """Tell whether the store is at the newest revision and has just the tables it should have.

    Exits with 3 where it has to be upgraded, with 1 where its tables are not what they should be.
    """
    store = job.unchecked_authority.store
    current, head = migrating.current(store), migrating.head()
    differences = migrating.differences(store) if current == head else None
    job.out.record({"current": current, "head": head, "differences": differences})
    if current != head:
        raise StoreUnavailable(NOT_MIGRATED)
    if differences:
        raise Refused("The tables of the store are not what this version works with.")


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(db)
