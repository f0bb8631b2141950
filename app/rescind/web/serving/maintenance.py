"""What the server does by itself, beside answering: it purges, and sends logout tokens."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rescind.domain.authority import Authority
from rescind.domain.purging import purge
from rescind.errors import RescindError, StoreUnavailable
from rescind.store.engine import Store
from rescind.web.serving import backchannel

log = logging.getLogger(__name__)

PURGE_EVERY_SECONDS = 3600
DELIVER_EVERY_SECONDS = 2


def start_in_worker(worker: Any) -> None:
    """Start the maintenance of a gunicorn worker, after it has loaded the application.

    Where that is wrapped in something else, or has no Rescind mounted, there is nothing to start it with.
    """
    mounted = getattr(worker.wsgi, "extensions", {}).get("rescind")
    if mounted is None:
        log.warning("no Rescind to look after: run `flask rescind purge` and `flask rescind deliver`")
        return
    serving: Authority = mounted.authority
    # On connections of its own: those that serve would never be idle, and so never be asked if they live.
    store = Store(serving.store.url.render_as_string(hide_password=False), pool_size=2)
    authority = replace(serving, store=store)
    # Apart: a client that does not answer is no reason to purge late.
    _start("rescind-maintenance", purge_once, authority, PURGE_EVERY_SECONDS)
    _start("rescind-deliveries", deliver_once, authority, DELIVER_EVERY_SECONDS)


def _start(name: str, once: Callable[[Authority], int], authority: Authority, every_seconds: int) -> None:
    threading.Thread(target=_run, args=(once, authority, every_seconds), name=name, daemon=True).start()


def _run(once: Callable[[Authority], int], authority: Authority, every_seconds: int) -> None:
    # Workers start together; they need not work together. Doing it at once does no harm, only double work.
    time.sleep(random.uniform(0, every_seconds))  # noqa: S311
    while True:
        once(authority)
        time.sleep(every_seconds)


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


def deliver_once(authority: Authority) -> int:
    """Send every logout token that is due. Gives how many clients took theirs; the rest comes up again."""
    taken = 0
    told = None
    try:
        for outcome in backchannel.deliver(authority):
            taken += outcome.done
            about = (outcome.tenant, outcome.client_id, outcome.next_at)
            # Of all that a silent client did not take at once, one line will do.
            if not outcome.done and about != told:
                told = about
                what = "given up" if outcome.next_at is None else "not taken"
                log.warning("a logout token for the client %s was %s", outcome.client_id, what)
    except RescindError as error:
        log.warning("delivering stopped: %s", error)
    return taken
