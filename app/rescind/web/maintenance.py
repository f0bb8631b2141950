"""What the server does by itself, beside answering: it purges."""

import logging
import random
import threading
import time
from typing import Any

from rescind.domain.authority import Authority
from rescind.domain.purging import purge
from rescind.errors import StoreUnavailable

log = logging.getLogger(__name__)

PURGE_EVERY_SECONDS = 3600


def start_in_worker(worker: Any) -> None:
    """Start the maintenance of a gunicorn worker, after it has loaded the application."""
    authority = worker.wsgi.extensions["rescind"].authority
    threading.Thread(target=_run, args=(authority,), name="rescind-maintenance", daemon=True).start()


def _run(authority: Authority) -> None:
    # Workers start together; they need not purge together. Doing it at once does no harm, only double work.
    time.sleep(random.uniform(0, PURGE_EVERY_SECONDS))  # noqa: S311
    while True:
        purge_once(authority)
        time.sleep(PURGE_EVERY_SECONDS)


def purge_once(authority: Authority) -> int:
    """Purge all that is due. Gives how many rows went; a store that fails is left for the next time."""
    rows = 0
    try:
        for batch in purge(authority):
            rows += batch.rows
    except StoreUnavailable:
        log.warning("purging stopped: the store is unavailable")
    if rows:
        log.info("purged %d rows", rows)
    return rows
