"""Whether the process is up, and whether it can serve. For the stand-alone server."""

import logging
import os
import sys

from flask import Blueprint, Response

from rescind.domain.authority import Authority
from rescind.errors import StoreUnavailable
from rescind.store import distributing, migrating
from rescind.store.standing import ASK_STANDING
from rescind.web.wire import replies

_SETTINGS = "rescind.web.serving.gunicorn_settings"
_UNMIGRATED = "not migrated"

log = logging.getLogger(__name__)


def make_blueprint(authority: Authority) -> Blueprint:
    """Make the two routes."""
    blueprint = Blueprint("rescind_health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """Answer from the process alone; a broken store is no reason to restart it."""
        return replies.json_reply(200, {"status": "ok"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """Read a real table, and compare the store's revision with ours."""
        try:
            check(authority)
        except StoreUnavailable as error:
            retry = ("Retry-After", str(replies.RETRY_AFTER_SECONDS))
            detail = f"The store can't be used ({error.kind})."
            if error.kind == _UNMIGRATED:
                detail = not_migrated(authority)
            return replies.json_reply(503, {"status": "unavailable", "detail": detail}, [retry])
        return replies.json_reply(200, {"status": "ready"})

    return blueprint


def check(authority: Authority) -> None:
    """Look whether the server can serve.

    Raises:
        StoreUnavailable: it can't; the text says why, to who operates it.
    """
    store = authority.store
    if migrating.is_behind(migrating.current(store)):
        raise StoreUnavailable(not_migrated(authority), _UNMIGRATED)
    migrating.read_a_row(store)
    # Before any transaction, beside which it would be asked on another connection.
    _ = store.is_settled
    distributing.check(store)
    with store.reading() as tx:
        standing = tx.value(ASK_STANDING)
    # Behind its lease, or on a standby, it would answer with 503.
    store.vouch(standing)


def not_migrated(authority: Authority) -> str:
    """Say that the store is not migrated, and what to run."""
    return f"The store is not migrated: run {authority.store.command} db upgrade."


def not_finished(authority: Authority) -> str:
    """Say that the last step of an upgrade is left, and what to run when."""
    return (
        f"The upgrade of the store is not finished: run {authority.store.command} db upgrade --finish "
        "once every worker runs this version."
    )


def unready(authority: Authority) -> str | None:
    """Say in a sentence why the server can't serve; None where it can."""
    try:
        check(authority)
    except StoreUnavailable as error:
        return str(error)
    return None


def log_state(authority: Authority) -> None:
    """Say in the log, when a worker starts, if it can't serve yet, or an upgrade is not finished."""
    problem = unready(authority)
    if problem is not None:
        log.error("not ready: %s", problem)
        return
    if not authority.store.is_settled:
        log.warning("%s Until then nothing is purged.", not_finished(authority))


def log_missing_settings() -> None:
    """Say in the log, when a worker starts, if this is gunicorn and it was not given our settings."""
    is_gunicorn = os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn/")
    if is_gunicorn and _SETTINGS not in sys.modules:
        log.error(
            "gunicorn runs without the settings of Rescind: slow clients hold it up, its errors are HTML, a "
            "peer on this machine can change the path by a header SCRIPT_NAME, and nothing is purged or sent "
            "to clients. Run it with -c python:%s",
            _SETTINGS,
        )
