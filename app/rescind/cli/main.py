"""The group of all commands, and what an error makes of the exit code."""

import logging
import os
import signal
import sys

import click

from rescind.cli import clients, db, demo, listing, purge, revoke, serve, tenants, tokens
from rescind.errors import RescindError, SettingsError, StoreUnavailable
from rescind.version import __version__

REFUSED, USAGE, STORE_UNAVAILABLE = 1, 2, 3
# What a shell reports of a program that the signal ended.
INTERRUPTED, READER_GONE = 128 + signal.SIGINT, 128 + signal.SIGPIPE


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rescind")
def cli() -> None:
    """Run Rescind, the OAuth 2.0 authorization server where revoked means revoked.

    Settings are RESCIND_ variables of the environment. Every command takes --json. Secrets and tokens can be
    given as "-", which reads them from standard input.

    Exit codes: 0 done, 1 refused, 2 wrong usage or setting, 3 the store is unavailable.
    """


for _part in (db, tenants, clients, tokens, listing, revoke, purge, serve, demo):
    _part.add_to(cli)


def main() -> None:
    """Run the command line and exit."""
    # What the store logs is told once, by the error itself.
    logging.getLogger("rescind").addHandler(logging.NullHandler())
    try:
        with cli.make_context("rescind", sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        _fail("Nothing was changed.", REFUSED)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except SettingsError as error:
        _fail(str(error), USAGE)
    except StoreUnavailable as error:
        _fail(str(error), STORE_UNAVAILABLE)
    except RescindError as error:
        _fail(str(error), REFUSED)
    except KeyboardInterrupt:
        _fail("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        sys.exit(READER_GONE)
    except OSError as error:
        _drop_output()
        _fail(f"{error.strerror or type(error).__name__}.", REFUSED)


def _fail(sentence: str, code: int) -> None:
    click.echo(f"rescind: {sentence}", err=True)
    sys.exit(code)


def _drop_output() -> None:
    """Let what could not be written go; else the interpreter tries once more, and complains, as it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


__all__ = ["cli", "main"]
