"""`rescind db`: the tables of the store."""

import click

from rescind.cli.commands import Job, command, sure_option
from rescind.domain import upgrading
from rescind.domain.authority import Authority
from rescind.domain.readiness import not_finished, not_migrated
from rescind.domain.registry import secret_keys, usage
from rescind.errors import Refused, SettingsError, StoreUnavailable
from rescind.store import distributing, migrated, migrating

_OF_ANOTHER_KEY = (
    "The store knows this secret key alone now. Servers and commands that have another are refused when they "
    "start. What was made with another is of no use any more: {command} keys check lists it."
)
_NO_KEY_SET = (
    "RESCIND_SECRET_KEY is not set here, and the store holds clients or people: --new-key takes the key that "
    "is set. Set RESCIND_SECRET_KEY as the store's servers have it or, where that key is lost, to a new one."
)


@click.group()
def db() -> None:
    """Make the tables, and check them."""


@command("upgrade", db)
@click.option(
    "--finish", "is_finishing", is_flag=True, help="The last step: no worker of the version before is left."
)
@click.option(
    "--rebuild",
    "is_rebuilding",
    is_flag=True,
    help="With --finish, and all workers stopped: also change how ids are sorted.",
)
@click.option(
    "--new-key",
    "is_new_key",
    is_flag=True,
    help="Take the secret key that is set for the store's from now on, where the one before is lost.",
)
@sure_option
def upgrade(job: Job, is_finishing: bool, is_rebuilding: bool, is_new_key: bool, is_sure: bool) -> None:
    """Bring the store to where this version can use it, beside the traffic of the version before.

    To run it again, or twice at once, does no harm. A new store gets all steps; one that is in use gets the
    last one with --finish, once every worker runs this version. With --new-key it asks first.
    """
    if is_rebuilding and not is_finishing:
        raise click.UsageError("--rebuild goes with --finish.")
    authority = job.unchecked_authority
    before = migrating.current(authority.store)
    if is_new_key:
        _confirm_new_key(job, before, is_sure=is_sure)
    elif not migrated.is_behind(before):
        secret_keys.recognise(authority)
    if is_finishing:
        upgrading.finish(authority, is_rebuilding=is_rebuilding, tell=job.out.say)
    else:
        migrating.upgrade(authority.store, tell=job.out.say)
    after = migrating.current(authority.store)
    if is_new_key:
        _check_new_key(authority)
        secret_keys.accept(authority)
        job.out.say(_OF_ANOTHER_KEY.format(command=authority.store.command))
    else:
        secret_keys.recognise(authority)
    job.out.record({"store": authority.store.address, "from": before, "to": after})
    if migrating.state(after) == "expanded":
        job.out.say(not_finished(authority))


def _confirm_new_key(job: Job, before: str | None, *, is_sure: bool) -> None:
    """Ask before every server with another key is shut out of the store."""
    job.tell_where()
    if not migrated.is_behind(before):
        _check_new_key(job.unchecked_authority)
    job.confirm("Refuse every server and command that has another secret key from now on?", is_sure=is_sure)


def _check_new_key(authority: Authority) -> None:
    """Refuse a key that nobody has chosen, for a store that somebody uses."""
    if not authority.settings.is_secret_key_set and usage.is_used(authority):
        raise SettingsError(_NO_KEY_SET)


@command("check", db)
def check(job: Job) -> None:
    """Tell whether this version can use the store, and whether it has just the tables it should have.

    Exits with 3 where it has to be upgraded, with 1 where its tables are not what they should be.
    """
    job.expect_store()
    authority = job.unchecked_authority
    store = authority.store
    current, head = migrating.current(store), migrating.head()
    state = migrating.state(current)
    if state != "behind":
        secret_keys.recognise(authority)
    is_known = state == "expanded" or current == head
    differences = migrating.differences(store) if is_known else None
    job.out.record(
        {
            "store": store.address,
            "current": current,
            "head": head,
            "state": state,
            "differences": differences,
        }
    )
    if state == "behind":
        raise StoreUnavailable(not_migrated(authority))
    if state == "expanded":
        job.out.say(not_finished(authority))
    if differences:
        raise Refused("The tables of the store are not what this version works with.")


@command("distribute", db)
def distribute(job: Job) -> None:
    """Spread the store over the machines of a Citus cluster, by tenant. Twice does no harm.

    Run it on the coordinator, before there are many rows: a table is locked while its rows are moved.
    """
    store = job.unchecked_authority.store
    job.out.record({"distributed": distributing.distribute(store, tell=job.out.say)})


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(db)
