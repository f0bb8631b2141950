"""What is going to end, as the store finds it, and what is written down of it."""

from dataclasses import dataclass
from typing import Any

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.registry import tenant_settings
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.selectors import Single
from rescind.domain.secrets import new_id
from rescind.store import admission, clients, grants, revocations, sessions, tenants
from rescind.store.drafts import NewRevocation
from rescind.store.engine import Transaction
from rescind.store.records import TokenRecord
from rescind.store.writes import Write

_DIGEST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What is going to end, and the write by which it does; that tells whether this call was the one.

    Attributes:
        value: what the event names.
        this: the key by which the write finds it; of a subject the name as it was given.
    """

    kind: str
    value: str
    write: Write[Any]
    this: bytes | str | None
    client_id: str | None = None
    grant_id: str | None = None
    subject: str | None = None


def find(authority: Authority, tx: Transaction, tenant_id: int, selector: Single) -> Target | None:
    """Find what the selector names; None where it is not there, or has ended by a decision already.

    Time is no reason to do nothing: to a host whose clock is behind, what has expired here is still active.
    Looking does not lock. In PostgreSQL a row lock is itself a write, so a revocation that has nothing to
    do would cost a commit, and could be told from others by its time.
    """
    match selector:
        case selectors.Token(token=string):
            token = admission.find_token(tx, tenant_id, authority.keyring.presented(string))
            return of_token(token) if token else None
        case (
            selectors.Grant(grant_id=name) | selectors.Session(sid=name) | selectors.Client(client_id=name)
        ) if not names.is_storable(name):
            return None
        case selectors.Grant(grant_id=grant_id):
            grant = grants.find(tx, tenant_id, grant_id)
            if grant is None or grant.is_ended:
                return None
            write = revocations.END_GRANT
            return Target("grant", grant_id, write, grant_id, grant.client_id, grant_id, grant.subject)
        case selectors.Session(sid=sid):
            session = sessions.find(tx, tenant_id, sid)
            if session is None or session.is_ended:
                return None
            is_wholly = takes_offline_access_along(tx, tenant_id)
            ending = revocations.END_SESSION_WHOLLY if is_wholly else revocations.END_SESSION
            return Target("session", sid, ending[authority.store.is_settled], sid, subject=session.subject)
        case selectors.Subject(subject=subject):
            composed = names.subject(subject)
            raising = revocations.RAISE_SUBJECT[authority.store.is_settled]
            # As it was given: from the composed name no other way of writing it is known but one.
            return Target("subject", composed, raising, subject, subject=composed)
        case selectors.Client(client_id=client_id):
            client = clients.find(tx, tenant_id, client_id)
            if client is None or client.deleted_at is not None:
                return None
            return Target("client", client_id, revocations.RAISE_CLIENT, client_id, client_id=client_id)
        case selectors.Tenant(tenant=name):
            return Target("tenant", name, revocations.RAISE_TENANT, None)


def takes_offline_access_along(tx: Transaction, tenant_id: int) -> bool:
    """Tell whether the end of a session ends what was given `offline_access` in it too, at this tenant."""
    return tenant_settings.parse(tenants.settings_of(tx, tenant_id)).logout_ends_offline_access


def of_token(token: TokenRecord) -> Target | None:
    """End the token's grant; or it alone, if it is an access token of a client that revokes single tokens."""
    grant = token.grant
    write: Write[Any]
    this: bytes | str
    if token.kind == "access" and token.ends_alone:
        write, this, is_ended = revocations.END_TOKEN, token.digest, token.is_ended
    else:
        write, this, is_ended = revocations.END_GRANT, grant.id, grant.is_ended
    if is_ended:
        return None
    return Target("token", shown(token.digest), write, this, grant.client_id, grant.id, grant.subject)


def shown(digest: bytes) -> str:
    """Give what an event says of a token: the first hex digits of its digest."""
    return digest.hex()[:_DIGEST_DIGITS]


def event(authority: Authority, target: Target, cause: Cause, *, is_noted: bool = False) -> NewRevocation:
    """Write down the event of an end; `is_noted` of a subject that is one though nothing was there to end."""
    return NewRevocation(
        id=new_id(),
        selector_kind=target.kind,
        selector_value=target.value,
        grant_id=target.grant_id,
        client_id=target.client_id,
        subject=target.subject,
        cause=cause.name,
        reason=cause.reason,
        actor=cause.actor,
        request_id=cause.request_id,
        kept_seconds=authority.audit_seconds,
        is_noted=is_noted,
    )


def done(nothing: Revocation, event: NewRevocation) -> Revocation:
    """Say what a revocation did."""
    return Revocation(True, event.id, nothing.tenant, nothing.kind, nothing.value, nothing.cause)


def nothing(tenant: str, kind: str, value: str, cause: Cause) -> Revocation:
    """Say that a revocation had nothing to end."""
    return Revocation(False, None, tenant, kind, value, cause)
