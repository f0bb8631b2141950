"""The `rescind` command: the group of all commands."""

import os
import sys

import click
from click.shell_completion import shell_complete

from rescind.cli.exit_codes import exiting
from rescind.cli.on_demand import PARTS, OnDemand
from rescind.version import __version__

# Set by what a shell reads to complete our lines, as click names it.
COMPLETE = "_RESCIND_COMPLETE"


@click.group(cls=OnDemand, parts=PARTS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rescind")
def cli() -> None:
    """Run Rescind, the OAuth 2.0 authorization server where revoked means revoked.

    Settings are RESCIND_ variables of the environment. Every command takes --json. Secrets, passwords and
    tokens can be given as "-", which reads them from standard input.

    What there is to know stands in the pages that "rescind manual" lists.

    Exit codes: 0 done, 1 refused, 2 wrong usage or setting, 3 the store is unavailable.
    """


def main() -> None:
    """Run the command line and exit; or answer a shell that asks how a line could go on."""
    if instruction := os.environ.get(COMPLETE):
        sys.exit(shell_complete(cli, {}, "rescind", COMPLETE, instruction))
    with exiting(), cli.make_context("rescind", sys.argv[1:]) as context:
        cli.invoke(context)


__all__ = ["cli", "main"]
