"""A group that imports a command when it is run: to show what there is takes no more than their names.

All that Rescind is made of takes longer to load than most commands take to do their work.
"""

import contextlib
import gc
import importlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

# Where the context of a command has the authority of the application that it works for (`flask rescind`).
MOUNTED = "rescind.mounted"


class Part(NamedTuple):
    """The module of a command, whose `add_to` adds it, and what it does in a sentence."""

    module: str
    does: str


PARTS = {
    "audit": Part("audit", "Look at the record of what was revoked."),
    "client": Part("clients", "Register clients, change them, stop them for a while, take them away."),
    "db": Part("db", "Make the tables, and check them."),
    "deliver": Part("deliver", "Send logout tokens to clients that registered a back-channel logout URI."),
    "demo": Part("demo", "Show the main job: issue a token, see it active, revoke it, see it inactive."),
    "grant": Part("listing", "Look at grants."),
    "keys": Part(
        "keys",
        "Show and change the keys with which a tenant signs; ask whether a secret key is still needed.",
    ),
    "manual": Part("manual", "Show a page of the manual; without a topic, list them all."),
    "purge": Part("purge", "Delete what can no longer matter, in batches, beside traffic."),
    "registration-token": Part(
        "registration_tokens",
        "Make tokens with which clients register themselves, show them, take them away.",
    ),
    "revoke": Part(
        "revoke", "End a token, a grant, a session, an access, or all of a subject, a client or a tenant."
    ),
    "scope": Part("scopes", "Say to people, in sentences, what scope values of a tenant mean."),
    "serve": Part("serve", "Serve until it is stopped, and purge every hour."),
    "session": Part("listing", "Look at sessions."),
    "tenant": Part("tenants", "Make, show, change, close and open tenants, and take them away."),
    "token": Part("tokens", "Issue tokens, and look at one."),
    "user": Part(
        "users",
        "Make people who sign in, show and change them, keep them out, let them in, take them away.",
    ),
}
# What an application that has mounted Rescind does itself.
OF_THE_SERVER = frozenset({"demo", "serve"})


class OnDemand(click.Group):
    """A group of commands that are imported one by one.

    Args:
        parts: the commands by name.
    """

    def __init__(self, *arguments: Any, parts: dict[str, Part], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._parts = parts

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return sorted(self._parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where there is no such."""
        part = self._parts.get(cmd_name)
        if part is not None and cmd_name not in self.commands:
            with _for_good():
                importlib.import_module(f"rescind.cli.{part.module}").add_to(self)
        return self.commands.get(cmd_name) if part is not None else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what there is, as click does, from what is known without an import."""
        width = formatter.width - 6 - max(map(len, self._parts))
        shown = [click.Command(name, help=part.does) for name, part in sorted(self._parts.items())]
        with formatter.section("Commands"):
            formatter.write_dl([(str(each.name), each.get_short_help_str(width)) for each in shown])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command."""
        named = [
            CompletionItem(name, help=part.does)
            for name, part in sorted(self._parts.items())
            if name.startswith(incomplete)
        ]
        return named + click.Command.shell_complete(self, ctx, incomplete)


@contextlib.contextmanager
def _for_good() -> Iterator[None]:
    """Import what stays until the end: no collection looks through it, which costs a fifth of the whole."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
