"""What an error makes of the exit code, and the one sentence that tells it."""

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Iterator

import click

from rescind.errors import RescindError, SettingsError, StoreUnavailable

REFUSED, USAGE, STORE_UNAVAILABLE = 1, 2, 3
# What a shell reports of a program that the signal ended.
INTERRUPTED, READER_GONE = 128 + signal.SIGINT, 128 + signal.SIGPIPE


@contextlib.contextmanager
def exiting() -> Iterator[None]:
    """Exit where the block raises, with the code for it."""
    # What the store logs is told once, by the error itself.
    logging.getLogger("rescind").addHandler(logging.NullHandler())
    try:
        yield
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
