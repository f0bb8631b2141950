"""Whether the process is up, and whether it can serve. For the stand-alone server."""

import logging
import os
import sys

from flask import Blueprint, Response

from rescind.domain.authority import Authority
from rescind.domain.readiness import OF_ANOTHER_KEY, UNMIGRATED, check, not_finished, unready
from rescind.errors import SettingsError, StoreUnavailable
from rescind.store.faults import unusable
from rescind.web.wire import replies

_SETTINGS = "rescind.web.serving.gunicorn_settings"

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
        except SettingsError as error:
            return _unavailable(StoreUnavailable(str(error), OF_ANOTHER_KEY, is_lasting=True), authority)
        except StoreUnavailable as error:
            return _unavailable(error, authority)
        return replies.json_reply(200, {"status": "ready"})

    return blueprint


def _unavailable(error: StoreUnavailable, authority: Authority) -> Response:
    """Say by its kind what is wrong: not where the store is, nor as whom."""
    known = {"status": "unavailable", "kind": error.kind, "is_lasting": error.is_lasting}
    detail = f"{unusable(error.kind, is_lasting=error.is_lasting)}."
    if error.kind == UNMIGRATED:
        detail = f"The store is not migrated: run {authority.store.command} db upgrade."
    retry = ("Retry-After", str(replies.RETRY_AFTER_SECONDS))
    return replies.json_reply(503, {**known, "detail": detail}, [retry])


def log_state(authority: Authority) -> None:
    """Say in the log, when a worker starts, if it can't serve yet, or an upgrade is not finished.

    Raises:
        SettingsError: the secret key is another than the store's.
    """
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
