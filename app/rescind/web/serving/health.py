"""Whether the process is up, and whether it can serve. For the stand-alone server."""

import logging

from flask import Blueprint, Response

from rescind.domain.authority import Authority
from rescind.domain.readiness import OF_ANOTHER_KEY, UNMIGRATED, check, not_finished, not_migrated, unready
from rescind.errors import SettingsError, StoreUnavailable
from rescind.web.wire import replies

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
        except SettingsError:
            detail = f"The store can't be used ({OF_ANOTHER_KEY})."
            return replies.json_reply(503, {"status": "unavailable", "detail": detail})
        except StoreUnavailable as error:
            retry = ("Retry-After", str(replies.RETRY_AFTER_SECONDS))
            detail = f"The store can't be used ({error.kind})."
            if error.kind == UNMIGRATED:
                detail = not_migrated(authority)
            return replies.json_reply(503, {"status": "unavailable", "detail": detail}, [retry])
        return replies.json_reply(200, {"status": "ready"})

    return blueprint


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
