"""The server for gunicorn, beside which other code warns, logs, dies, and repeats a secret while it does."""

import logging
import threading
import warnings

import flask

from rescind import create_app as create

SECRET = "hunter2-hunter2"


class _Loud:
    """Fails where nobody can catch it."""

    def __del__(self) -> None:
        raise RuntimeError(f"password={SECRET}")


def _die() -> None:
    raise RuntimeError(f"the token is gone:\ntoken={SECRET}")


def create_app() -> flask.Flask:
    """Make it, and have all of that happen in the worker."""
    app = create()
    warnings.warn(f"secret={SECRET}", UserWarning, stacklevel=1)
    logging.getLogger("another.library").warning("password=%s", SECRET)
    logging.getLogger("another.library").warning("two arguments: %s %s", SECRET)
    try:
        _die()
    except RuntimeError:
        logging.getLogger("another.library").exception("it failed")
    thread = threading.Thread(target=_die, name="of another library")
    thread.start()
    thread.join()
    del [_Loud()][0]
    return app
