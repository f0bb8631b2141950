"""Empty the outbox: tell clients, at least once, that a session or all of a subject's have ended.

The rows are written by the revocation itself (`rescind.domain.revoking.revocation`), so none is lost. One is
marked done after it was sent, so a process that dies in between has it sent again.
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.errors import SettingsError
from rescind.store import clients, deliveries
from rescind.store.engine import Transaction
from rescind.store.records import DeliveryRecord, TenantRecord

LOGOUT_TOKEN_SECONDS = 120
BATCH_ROWS = 20
# Longer than a batch can take: who claimed rows and died keeps them from others for so long.
CLAIM_SECONDS = 300
FIRST_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 3600
# So many take a day. Counted in tries: while nobody delivers, nothing is given up.
MOST_ATTEMPTS = 33


class Answer(enum.Enum):
    """What a client did with what it was sent."""

    TAKEN = enum.auto()
    REFUSED = enum.auto()
    SILENT = enum.auto()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be told to one client, and where. Without a session it is about all of the subject's."""

    tenant: TenantRecord
    uri: str
    client_id: str
    event_id: str
    subject: str
    session_sid: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    Attributes:
        attempts: how often it came up, this time counted.
        next_at: when it comes up again; None where it is done or, without `done`, was given up.
    """

    tenant: str
    event_id: str
    client_id: str
    done: bool
    attempts: int
    next_at: int | None


Send = Callable[[Letter], Answer]


def deliver_due(authority: Authority, send: Send) -> Iterator[Outcome]:
    """Send what is due, of every open tenant, until nothing is; give what became of each as it goes.

    It may be stopped and started at any point, and run beside itself.

    Args:
        send: sends one. It is called outside any transaction.

    Raises:
        SettingsError: a tenant can't sign, and keeps what it has to send; the others have had their turn.
        StoreUnavailable: what was sent, and could not be marked, is sent again later.
    """
    with authority.store.reading() as tx:
        waiting = deliveries.tenants_with_due(tx)
    fault: SettingsError | None = None
    for tenant in waiting:
        try:
            yield from _deliver_tenant(authority, tenant, send)
        except SettingsError as error:
            fault = error
    if fault is not None:
        raise fault


def retry_after_seconds(attempts: int) -> int:
    """Give how long to wait after so many attempts: twice as long each time, up to a bound."""
    return int(min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS))


def _deliver_tenant(authority: Authority, tenant: TenantRecord, send: Send) -> Iterator[Outcome]:
    silent: set[str] = set()
    is_more = True
    while is_more:
        batch = _claim(authority, tenant)
        is_more = len(batch) == BATCH_ROWS
        for delivery, uri in batch:
            answer = Answer.SILENT
            if uri is None:
                # It no longer listens, so there is nothing left to tell.
                answer = Answer.TAKEN
            elif delivery.client_id not in silent:
                answer = send(_letter(tenant, delivery, uri))
            if answer is Answer.SILENT:
                # Or it would be waited for once for each of its rows, while others wait behind it.
                silent.add(delivery.client_id)
            yield _settle(authority, tenant, delivery, is_done=answer is Answer.TAKEN)


def _claim(authority: Authority, tenant: TenantRecord) -> list[tuple[DeliveryRecord, str | None]]:
    claimed = authority.store.transact(
        lambda tx: deliveries.claim(tx, tenant.id, claim_seconds=CLAIM_SECONDS, limit=BATCH_ROWS)
    )
    with authority.store.reading() as tx:
        found = {each.client_id: clients.find(tx, tenant.id, each.client_id) for each in claimed}
    uris = {
        name: client.backchannel_logout_uri
        for name, client in found.items()
        if client is not None and client.deleted_at is None
    }
    return [(each, uris.get(each.client_id)) for each in claimed]


def _settle(
    authority: Authority, tenant: TenantRecord, delivery: DeliveryRecord, *, is_done: bool
) -> Outcome:

    def settle(tx: Transaction) -> int | None:
        if is_done:
            deliveries.finish(tx, tenant.id, delivery)
        elif delivery.attempts >= MOST_ATTEMPTS:
            deliveries.give_up(tx, tenant.id, delivery)
        else:
            seconds = retry_after_seconds(delivery.attempts)
            return deliveries.postpone(tx, tenant.id, delivery, seconds=seconds)
        return None

    next_at = authority.store.transact(settle)
    return Outcome(tenant.name, delivery.event_id, delivery.client_id, is_done, delivery.attempts, next_at)


def _letter(tenant: TenantRecord, delivery: DeliveryRecord, uri: str) -> Letter:
    return Letter(tenant, uri, delivery.client_id, delivery.event_id, delivery.subject, delivery.session_sid)
