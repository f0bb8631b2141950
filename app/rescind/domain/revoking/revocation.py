"""The one way to end tokens. Endpoint, replay, operator and deletion all come through here.

Whatever the number of tokens, a revocation is one conditional update and one event row, in one transaction;
with the end of a session or a subject, also a row for each client that listens for it.
"""

from dataclasses import dataclass
from typing import Any

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.registry import tenant_settings
from rescind.domain.revoking import hooks, selectors
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.selectors import Selector
from rescind.domain.secrets import digest, new_id
from rescind.errors import NotFound
from rescind.store import admission, clients, grants, revocations, sessions, spellings, tenants
from rescind.store.drafts import NewRevocation
from rescind.store.engine import Transaction
from rescind.store.records import TenantRecord, TokenRecord
from rescind.store.writes import Write

_DIGEST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class _Target:
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


def revoke(authority: Authority, selector: Selector, cause: Cause) -> Revocation:
    """End every active token that the selector names, and commit.

    RFC 7009 section 2.1: it takes effect at once, and a refresh token takes its grant's access tokens along.

    Returns:
        What it did. A selector that names nothing active ends nothing and writes nothing.

    Raises:
        NotFound: there is no such tenant.
        BadValue: the selector's subject can't be one.
        StoreUnavailable: the commit was not confirmed. The same call may be made again.

    Cost: one update and one insert, whatever the number of tokens; for a session or subject one more, which
    writes a row for each client that is to hear of it. On PostgreSQL all of it is one statement.
    """
    with authority.store.reading() as tx:
        tenant = _tenant(tx, selector)
        target = _target(authority, tx, tenant.id, selector)
    return _end(authority, tenant, target, _nothing_of(selector, cause))


def is_to_end(authority: Authority, tx: Transaction, tenant_id: int, selector: Selector) -> bool:
    """Tell whether there is what a selector names, and no decision has ended it."""
    return _target(authority, tx, tenant_id, selector) is not None


def revoke_within(authority: Authority, tx: Transaction, selector: Selector, cause: Cause) -> Revocation:
    """End what the selector names inside a transaction of the caller, who commits. No signal is sent.

    Raises:
        NotFound: there is no such tenant.
    """
    return apply(authority, tx, _tenant(tx, selector), selector, cause)


def revoke_found(authority: Authority, tenant: TenantRecord, token: TokenRecord, cause: Cause) -> Revocation:
    """End a token that was looked up already: `revoke` without its first read."""
    return _end(authority, tenant, _of_token(token), _nothing(tenant.name, "token", _shown(token), cause))


def confirm_nothing(authority: Authority, tenant: TenantRecord) -> None:
    """See to it that what was not found may be called so.

    A primary that was given up does not know what was issued since. And what is unknown costs as much as what
    has ended: else one could be told from the other by the time.

    Raises:
        StoreUnavailable: the standby that PostgreSQL waits for did not confirm.
    """
    authority.store.confirm(tenant.standing, tenant.id)


def apply(
    authority: Authority,
    tx: Transaction,
    tenant: TenantRecord,
    selector: Selector,
    cause: Cause,
    *,
    is_noted: bool = False,
) -> Revocation:
    """End what the selector names inside a transaction of the caller, who commits and then announces.

    Args:
        is_noted: that of a subject is an event also where nothing was there to end.
    """
    nothing = _nothing_of(selector, cause)
    target = _target(authority, tx, tenant.id, selector)
    if target is None:
        return nothing
    event = _event(authority, target, cause, is_noted=is_noted)
    row = tx.write(target.write, tenant_id=tenant.id, **revocations.values_of(target.this, event))
    return _done(nothing, event) if row is not None else nothing


def end_grants(
    authority: Authority,
    tx: Transaction,
    tenant: TenantRecord,
    subject: str,
    client_id: str,
    ids: list[str],
    cause: Cause,
) -> list[Revocation]:
    """End what a subject has given a client, each grant by an event of its own, in a transaction as `apply`.

    Returns:
        What this call has ended. It costs two statements, whatever their number.
    """
    targets = [
        _Target("grant", each, revocations.END_GRANT, each, client_id, grant_id=each, subject=subject)
        for each in ids
    ]
    events = [_event(authority, each, cause) for each in targets]
    return [
        _done(_nothing(tenant.name, "grant", event.selector_value, cause), event)
        for event in revocations.end_grants(tx, tenant.id, events)
    ]


def _end(
    authority: Authority, tenant: TenantRecord, target: _Target | None, nothing: Revocation
) -> Revocation:
    done = nothing
    if target is not None:
        event = _event(authority, target, nothing.cause)
        values = revocations.values_of(target.this, event)
        row = authority.store.write(target.write, tenant_id=tenant.id, **values)
        done = _done(nothing, event) if row is not None else nothing
    if done.revoked:
        hooks.announce(authority, done)
    else:
        # What is seen to have ended may have ended by a commit that no standby has confirmed.
        confirm_nothing(authority, tenant)
    return done


def _event(authority: Authority, target: _Target, cause: Cause, *, is_noted: bool = False) -> NewRevocation:
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


def _done(nothing: Revocation, event: NewRevocation) -> Revocation:
    return Revocation(True, event.id, nothing.tenant, nothing.kind, nothing.value, nothing.cause)


def _nothing(tenant: str, kind: str, value: str, cause: Cause) -> Revocation:
    return Revocation(False, None, tenant, kind, value, cause)


def _nothing_of(selector: Selector, cause: Cause) -> Revocation:
    match selector:
        case selectors.Token(token=string):
            value = digest(string).hex()[:_DIGEST_DIGITS]
        case (
            selectors.Grant(grant_id=value) | selectors.Session(sid=value) | selectors.Client(client_id=value)
        ):
            pass
        case selectors.Subject(subject=subject):
            value = spellings.composed(subject)
        case selectors.Tenant(tenant=value):
            pass
    return _nothing(selector.tenant, selector.kind, value, cause)


def _shown(token: TokenRecord) -> str:
    return token.digest.hex()[:_DIGEST_DIGITS]


def _tenant(tx: Transaction, selector: Selector) -> TenantRecord:
    tenant = tenants.find(tx, selector.tenant) if names.is_tenant_name(selector.tenant) else None
    if tenant is None:
        raise NotFound(f"There is no tenant {selector.tenant!r}.")
    return tenant


def _target(authority: Authority, tx: Transaction, tenant_id: int, selector: Selector) -> _Target | None:
    """Find what the selector names; None where it is not there, or has ended by a decision already.

    Time is no reason to do nothing: to a host whose clock is behind, what has expired here is still active.
    Looking does not lock. In PostgreSQL a row lock is itself a write, so a revocation that has nothing to
    do would cost a commit, and could be told from others by its time.
    """
    match selector:
        case selectors.Token(token=string):
            token = admission.find_token(tx, tenant_id, authority.keyring.presented(string))
            return _of_token(token) if token else None
        case (
            selectors.Grant(grant_id=name) | selectors.Session(sid=name) | selectors.Client(client_id=name)
        ) if not names.is_storable(name):
            return None
        case selectors.Grant(grant_id=grant_id):
            grant = grants.find(tx, tenant_id, grant_id)
            if grant is None or grant.is_ended:
                return None
            write = revocations.END_GRANT
            return _Target("grant", grant_id, write, grant_id, grant.client_id, grant_id, grant.subject)
        case selectors.Session(sid=sid):
            session = sessions.find(tx, tenant_id, sid)
            if session is None or session.is_ended:
                return None
            is_wholly = takes_offline_access_along(tx, tenant_id)
            ending = revocations.END_SESSION_WHOLLY if is_wholly else revocations.END_SESSION
            return _Target("session", sid, ending[authority.store.is_settled], sid, subject=session.subject)
        case selectors.Subject(subject=subject):
            composed = names.subject(subject)
            raising = revocations.RAISE_SUBJECT[authority.store.is_settled]
            # As it was given: from the composed name no other way of writing it is known but one.
            return _Target("subject", composed, raising, subject, subject=composed)
        case selectors.Client(client_id=client_id):
            client = clients.find(tx, tenant_id, client_id)
            if client is None or client.deleted_at is not None:
                return None
            return _Target("client", client_id, revocations.RAISE_CLIENT, client_id, client_id=client_id)
        case selectors.Tenant(tenant=name):
            return _Target("tenant", name, revocations.RAISE_TENANT, None)


def takes_offline_access_along(tx: Transaction, tenant_id: int) -> bool:
    """Tell whether the end of a session ends what was given `offline_access` in it too, at this tenant."""
    return tenant_settings.parse(tenants.settings_of(tx, tenant_id)).logout_ends_offline_access


def _of_token(token: TokenRecord) -> _Target | None:
    """End the token's grant; or it alone, if it is an access token of a client that revokes single tokens."""
    grant, shown = token.grant, _shown(token)
    write: Write[Any]
    this: bytes | str
    if token.kind == "access" and token.ends_alone:
        write, this, is_ended = revocations.END_TOKEN, token.digest, token.is_ended
    else:
        write, this, is_ended = revocations.END_GRANT, grant.id, grant.is_ended
    if is_ended:
        return None
    return _Target("token", shown, write, this, grant.client_id, grant.id, grant.subject)
