"""`flask rescind`: the commands, on the Rescind that an application has mounted.

The package names this as a `flask.commands` entry point, so that Flask finds it. The application's own
settings and database count, where the `rescind` command knows only the environment.
"""

from typing import Any

import click
from flask.cli import ScriptInfo

from rescind.cli import (
    audit,
    clients,
    db,
    deliver,
    keys,
    listing,
    manual,
    purge,
    revoke,
    tenants,
    tokens,
    users,
)
from rescind.cli.commands import MOUNTED
from rescind.cli.exit_codes import exiting
from rescind.errors import SettingsError


class Embedded(click.Group):
    """A group whose exit codes are those of the `rescind` command, and not those of `flask`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with exiting():
            return super().invoke(ctx)


@click.group(cls=Embedded, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def rescind(context: click.Context) -> None:
    """Operate the OAuth 2.0 authorization server that this application has mounted.

    Every command takes --json. Secrets, passwords and tokens can be given as "-", which reads them from
    standard input.

    Exit codes: 0 done, 1 refused, 2 wrong usage or setting, 3 the store is unavailable.
    """
    app = context.ensure_object(ScriptInfo).load_app()
    if "rescind" not in app.extensions:
        raise SettingsError("This application has not mounted Rescind.")
    context.with_resource(app.app_context())
    context.meta[MOUNTED] = app.extensions["rescind"].authority


for _part in (db, tenants, clients, users, tokens, listing, audit, revoke, purge, keys, deliver, manual):
    _part.add_to(rescind)
