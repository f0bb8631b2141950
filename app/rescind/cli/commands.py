"""How every command is made: `--json`, the store looked at before it is used, values from standard input."""

import functools
import getpass
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from rescind.cli.on_demand import MOUNTED
from rescind.cli.output import Output
from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.readiness import unready
from rescind.domain.registry import tenants
from rescind.errors import BadValue, Refused, StoreUnavailable
from rescind.starting import is_beside_others, load_settings, missing_file
from rescind.store.records import TenantRecord

STDIN = "-"


class Job:
    """What a command works with."""

    def __init__(self, out: Output) -> None:
        self.out = out

    @functools.cached_property
    def authority(self) -> Authority:
        """The server's store, settings and keys, once the store is known to answer and to be migrated.

        Raises:
            StoreUnavailable: it does not, or is not; the text says which.
        """
        self.expect_store()
        problem = unready(self.unchecked_authority)
        if problem is not None:
            raise StoreUnavailable(problem)
        return self.unchecked_authority

    @functools.cached_property
    def unchecked_authority(self) -> Authority:
        """The same for the commands that are there to change that: the store is not connected to yet."""
        mounted: Authority | None = click.get_current_context().meta.get(MOUNTED)
        if mounted is not None:
            return mounted
        authority = Authority.open(load_settings())
        if is_beside_others() and authority.settings.database_url is None:
            self.out.say(
                f"RESCIND_DATABASE_URL is not set: the store is {authority.store.address}. "
                "On that of a Flask application works: flask --app <yours> rescind"
            )
        return authority

    def expect_store(self) -> None:
        """Look whether there is a store, where that is a file, before anything is made by looking.

        Raises:
            StoreUnavailable: it is not there.
        """
        missing = None if click.get_current_context().meta.get(MOUNTED) else missing_file()
        if missing is not None:
            raise StoreUnavailable(
                f"The store {missing} is not there: run rescind db upgrade, or set RESCIND_INSTANCE_PATH or "
                "RESCIND_DATABASE_URL as its server has it."
            )

    @property
    def actor(self) -> str:
        """Who acts, as event rows name it: by what the environment says, and by what the system knows."""
        uid = os.getuid()
        try:
            return names.cause(f"cli:{getpass.getuser()}:{uid}")
        except (KeyError, OSError, BadValue):
            return f"cli:unknown:{uid}"

    def tenant(self, name: str) -> TenantRecord:
        """Find the tenant of `--tenant`, disabled or not."""
        return tenants.get(self.authority, name)

    def asks(self, *, is_sure: bool) -> bool:
        """Tell whether it is asked before something is lost: on a terminal only, and not with `--yes`."""
        return not is_sure and sys.stdin.isatty()

    def confirm(self, question: str, *, is_sure: bool) -> None:
        """Ask before something is lost, where that is asked."""
        if self.asks(is_sure=is_sure) and not click.confirm(question, err=True):
            raise Refused("Nothing was changed.")

    def tell_where(self) -> None:
        """Say on which store this works, and for which server: variables that are not set mean others."""
        self.expect_store()
        store, settings = self.unchecked_authority.store, self.unchecked_authority.settings
        self.out.say(f"The store is {store.address}, the public URL {settings.public_url}.")


def command(name: str, group: click.Group | None = None) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function a command, of a group where one is given; it gets a `Job` first, then its options."""

    def decorate(function: Callable[..., None]) -> click.Command:
        def run(as_json: bool, **options: Any) -> None:
            function(Job(Output(as_json=as_json)), **options)

        # The options that stand below this decorator are kept on the function; so is its help.
        wrapped: Any = functools.update_wrapper(run, function)
        json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
        made = click.command(name)(json_option(wrapped))
        if group is not None:
            group.add_command(made)
        return made

    return decorate


sure_option = click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")


def destructive(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--dry-run` and `--yes`, and say where: what every command has by which something is lost."""

    def told(job: Job, **options: Any) -> None:
        job.tell_where()
        function(job, **options)

    dry = click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
    return dry(sure_option(functools.update_wrapper(told, function)))


def from_stdin(value: str | None) -> str | None:
    """Read a value that was given as `-` from standard input.

    Raises:
        UsageError: there is none, or more than one.
    """
    if value is None:
        return None
    (_, first), *others = all_from_stdin(value)
    if others:
        raise click.UsageError("Standard input has several lines, and one value was to come from there.")
    return first


def all_from_stdin(value: str) -> list[tuple[int | None, str]]:
    """Give a value or, where it was given as `-`, those of standard input, one a line; of a terminal one.

    Returns:
        The number of its line, from 1 on, with each; None with one that was not read from there.

    Raises:
        UsageError: there is none.
    """
    if value != STDIN:
        return [(None, value)]
    given = sys.stdin.buffer
    lines = [given.readline()] if given.isatty() else given.readlines()
    # Bytes that are no text become what they would be as an argument.
    values: list[tuple[int | None, str]] = [
        (number, line) for number, each in enumerate(lines, 1) if (line := os.fsdecode(each).rstrip("\r\n"))
    ]
    if not values:
        raise click.UsageError("Standard input is empty, and the value was to come from there.")
    return values


tenant_option = click.option(
    "--tenant",
    "tenant_name",
    required=True,
    metavar="T",
    envvar="RESCIND_TENANT",
    show_envvar=True,
    help="Name of the tenant.",
)
