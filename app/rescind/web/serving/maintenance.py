"""What the server does by itself, beside answering: it purges, and sends logout tokens."""

import logging
import random
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rescind.domain.authority import Authority
from rescind.domain.purging import purge
from rescind.domain.registry import secret_keys
from rescind.errors import AlreadyPurging, RescindError, StoreUnavailable
from rescind.web.serving import backchannel

log = logging.getLogger(__name__)

PURGE_EVERY_SECONDS: float = 3600
DELIVER_EVERY_SECONDS = 2


def start_in_worker(worker: Any) -> None:
    """Start the maintenance of a gunicorn worker, after it has loaded the application.

    Where that is wrapped in something else, or has no Rescind mounted, there is nothing to start it with.
    """
    mounted = getattr(worker.wsgi, "extensions", {}).get("rescind")
    if mounted is None:
        log.warning("no Rescind to look after: run purge and deliver by flask --app <yours> rescind")
        return
    serving: Authority = mounted.authority
    # On connections of its own: those that serve would never be idle, and so never be asked if they live.
    authority = replace(serving, store=serving.store.apart(pool_size=2))
    # Apart: a client that does not answer is no reason to purge late.
    _start("rescind-maintenance", purge_once, authority, PURGE_EVERY_SECONDS)
    _start("rescind-deliveries", deliver_once, authority, DELIVER_EVERY_SECONDS)


def _start(name: str, once: Callable[[Authority], int], authority: Authority, every_seconds: float) -> None:
    threading.Thread(target=_run, args=(once, authority, every_seconds), name=name, daemon=True).start()


def _run(once: Callable[[Authority], int], authority: Authority, every_seconds: float) -> None:
    # Workers start together; they need not work together.
    time.sleep(random.uniform(0, every_seconds))  # noqa: S311
    told = ""
    while True:
        fault = _fault_of(once, authority)
        # One that stays is told once.
        if fault not in ("", told):
            log.error("%s failed and is tried again and again: %s", once.__name__, fault)
        told = fault
        time.sleep(every_seconds)


def _fault_of(once: Callable[[Authority], int], authority: Authority) -> str:
    """Do it once, and tell of what nobody has expected: a thread that ends by it would never do it again."""
    try:
        once(authority)
    except Exception as error:
        # Its class and its place, as the text of an error may hold what no log may.
        at = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {at.name}, line {at.lineno}"
    return ""


def purge_once(authority: Authority) -> int:
    """Purge all that is due. Gives how many rows went; a store that fails is left for the next time."""
    rows = 0
    try:
        for batch in purge(authority):
            rows += batch.rows
    except AlreadyPurging:
        log.debug("another worker is purging")
    except StoreUnavailable:
        log.warning("purging was not finished: the store did not confirm in its time")
    if rows:
        log.info("purged %d rows", rows)
    return rows


def deliver_once(authority: Authority) -> int:
    """Send every logout token that is due. Gives how many clients took theirs; the rest comes up again."""
    taken = 0
    told = None
    try:
        # It signs, and may have to make the key for that.
        secret_keys.recognise(authority)
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
