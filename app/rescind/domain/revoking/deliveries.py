"""One message of the outbox: tell a client, at least once, that a session or all of a subject's have ended.

The rows are written by the revocation itself (`rescind.domain.revoking.revocation`), so none is lost. One is
marked done after it was sent, so a process that dies in between has it sent again. Whose turn it is says
`rescind.domain.revoking.rounds`.
"""

import enum
import logging
from collections.abc import Callable
from dataclasses import dataclass

from rescind.domain import uris
from rescind.domain.authority import Authority
from rescind.store import clients, deliveries, hearing
from rescind.store.deliveries import NEVER, HoldRecord, ReceiverRecord
from rescind.store.engine import Transaction
from rescind.store.records import DeliveryRecord, TenantRecord

log = logging.getLogger(__name__)

LOGOUT_TOKEN_SECONDS = 120
# A client that knows sessions alone gets a message for each; of more, one about the subject.
MOST_SESSIONS = 10
# Longer than these messages can take: who took hold of a receiver and died keeps it from others for so long.
CLAIM_SECONDS = 60
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
    """What is to be told to one client, and where. Without a session it is about all of the subject's.

    Attributes:
        names_session_alone: and not the subject too, by which some clients end all of its sessions.
    """

    tenant: TenantRecord
    uri: str
    client_id: str
    event_id: str
    subject: str
    session_sid: str | None
    names_session_alone: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    Attributes:
        attempts: how often it was tried, this time counted.
        next_at: when it comes up again; None where it is done or, without `done`, was given up.
    """

    tenant: str
    event_id: str
    client_id: str
    done: bool
    attempts: int
    next_at: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of a receiver's turn: of one row or, where it was silent, of all that are due to it."""

    answer: Answer
    outcomes: tuple[Outcome, ...]


Send = Callable[[Letter], Answer]


def take_turn(authority: Authority, receiver: ReceiverRecord, send: Send) -> Turn | None:
    """Send a receiver the oldest message that is due to it, and write down what came of that.

    Args:
        send: sends one. It is called outside any transaction.

    Returns:
        None where somebody else holds the receiver, or nothing is due any more.

    Raises:
        SettingsError: the tenant can't sign. What it has to send comes up again, and was not tried.
        StoreUnavailable: what was sent, and could not be marked, is sent again later.
    """
    tenant, client_id = receiver.tenant, receiver.client_id
    claimed = authority.store.transact(
        lambda tx: deliveries.claim(tx, tenant.id, client_id, seconds=CLAIM_SECONDS)
    )
    if claimed is None:
        return None
    delivery, hold = claimed
    # If it no longer listens, there is nothing left to tell.
    answer = Answer.TAKEN
    for letter in _letters(authority, tenant, delivery):
        answer = send(letter)
        if answer is not Answer.TAKEN:
            # All of them are sent again.
            break
    return Turn(answer, _settle(authority, tenant, delivery, hold, answer))


def retry_after_seconds(attempts: int) -> int:
    """Give how long to wait after so many attempts: twice as long each time, up to a bound."""
    return int(min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS))


def _letters(authority: Authority, tenant: TenantRecord, delivery: DeliveryRecord) -> list[Letter]:
    sids = [delivery.session_sid]
    with authority.store.reading() as tx:
        client = clients.find(tx, tenant.id, delivery.client_id)
        if client is None or client.deleted_at is not None or client.backchannel_logout_uri is None:
            return []
        if client.backchannel_logout_session_required and delivery.session_sid is None:
            found = hearing.ended_with_subject(
                tx, tenant.id, delivery.subject, client.client_id, limit=MOST_SESSIONS + 1
            )
            sids = [*found] if 0 < len(found) <= MOST_SESSIONS else sids
    usable = uris.usable([client.backchannel_logout_uri], uris.backchannel_check(authority.settings))
    if not usable:
        log.warning("the back-channel logout URI of the client %s is none that is allowed", client.client_id)
        return []
    return [
        Letter(
            tenant,
            usable[0],
            delivery.client_id,
            delivery.event_id,
            delivery.subject,
            sid,
            bool(client.backchannel_logout_session_required) and sid is not None,
        )
        for sid in sids
    ]


def _settle(
    authority: Authority, tenant: TenantRecord, delivery: DeliveryRecord, hold: HoldRecord, answer: Answer
) -> tuple[Outcome, ...]:
    is_silent = answer is Answer.SILENT
    tries = hold.silences + 1 if is_silent else delivery.attempts + 1

    def settle(tx: Transaction) -> list[DeliveryRecord]:
        if answer is Answer.TAKEN:
            deliveries.finish(tx, tenant.id, delivery, hold, kept_seconds=authority.audit_seconds)
            return []
        return deliveries.put_off(
            tx,
            tenant.id,
            delivery,
            hold,
            is_silent=is_silent,
            seconds=retry_after_seconds(tries),
            most_attempts=MOST_ATTEMPTS,
            kept_seconds=authority.audit_seconds,
        )

    put_off = authority.store.transact(settle)
    if answer is Answer.TAKEN:
        client_id, attempts = delivery.client_id, delivery.attempts + 1
        return (Outcome(tenant.name, delivery.event_id, client_id, True, attempts, None),)
    return tuple(_not_taken(tenant, each) for each in put_off)


def _not_taken(tenant: TenantRecord, row: DeliveryRecord) -> Outcome:
    next_at = None if row.next_at == NEVER else row.next_at
    return Outcome(tenant.name, row.event_id, row.client_id, False, row.attempts, next_at)
