"""The one way to end tokens. Endpoint, replay, operator and deletion all come through here.

Whatever the number of tokens, a revocation is one conditional update and one event row, in one transaction;
with the end of a session or a subject, also a row for each client that listens for it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rescind.domain import clock, names
from rescind.domain.authority import Authority
from rescind.domain.registry import tenant_settings
from rescind.domain.revoking import hooks, selectors
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.selectors import Selector
from rescind.domain.secrets import digest, new_id
from rescind.errors import NotFound
from rescind.store import clients, deliveries, grants, revocations, sessions, tenants, tokens
from rescind.store.engine import Transaction
from rescind.store.records import NewRevocation, TenantRecord, TokenRecord

_DIGEST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class _Target:
    """What is going to end, and how. `end` tells whether this call was the one that ended it."""

    kind: str
    value: str
    end: Callable[[Transaction, int, int], bool]
    client_id: str | None = None
    grant_id: str | None = None


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
    writes a row for each client that is to hear of it.
    """
    with authority.store.reading() as tx:
        tenant = _tenant(tx, selector)
        target = _target(tx, tenant.id, selector)
    return _end(authority, tenant, target, _nothing_of(selector, cause))


def count_covered(authority: Authority, selector: Selector) -> int:
    """Count the active grants that a revocation would end now, without ending any.

    Raises:
        NotFound: there is no such tenant.
    """
    with authority.store.reading() as tx:
        tenant = _tenant(tx, selector)
        if _target(tx, tenant.id, selector) is None:
            return 0
        match selector:
            case selectors.Token() | selectors.Grant():
                return 1
            case selectors.Session(sid=sid):
                covered = {"session_sid": sid}
                if _takes_offline_access_along(tx, tenant.id):
                    covered["offline_session_sid"] = sid
            case selectors.Subject(subject=subject):
                covered = {"subject": subject}
            case selectors.Client(client_id=client_id):
                covered = {"client_id": client_id}
            case selectors.Tenant():
                covered = {}
        return grants.count_active(tx, tenant.id, now=clock.now(), **covered)


def revoke_within(tx: Transaction, selector: Selector, cause: Cause) -> Revocation:
    """End what the selector names inside a transaction of the caller, who commits. No signal is sent.

    Raises:
        NotFound: there is no such tenant.
    """
    return apply(tx, _tenant(tx, selector), selector, cause)


def revoke_found(authority: Authority, tenant: TenantRecord, token: TokenRecord, cause: Cause) -> Revocation:
    """End a token that was looked up already: `revoke` without its first read."""
    return _end(authority, tenant, _of_token(token), _nothing(tenant.name, "token", _shown(token), cause))


def apply(tx: Transaction, tenant: TenantRecord, selector: Selector, cause: Cause) -> Revocation:
    """End what the selector names inside a transaction of the caller, who commits and then announces."""
    target = _target(tx, tenant.id, selector)
    return _write(tx, tenant, target, cause) if target else _nothing_of(selector, cause)


def _end(
    authority: Authority, tenant: TenantRecord, target: _Target | None, nothing: Revocation
) -> Revocation:
    done = nothing
    if target is not None:
        with authority.store.writing() as tx:
            done = _write(tx, tenant, target, nothing.cause)
    if done.revoked:
        hooks.announce(authority, done)
    else:
        # What is seen to have ended may have ended by a commit that no standby has confirmed.
        authority.store.confirm()
    return done


def _write(tx: Transaction, tenant: TenantRecord, target: _Target, cause: Cause) -> Revocation:
    at = clock.now()
    event_id = new_id() if target.end(tx, tenant.id, at) else None
    if event_id is not None:
        revocations.record(
            tx,
            tenant.id,
            NewRevocation(
                id=event_id,
                at=at,
                selector_kind=target.kind,
                selector_value=target.value,
                grant_id=target.grant_id,
                client_id=target.client_id,
                cause=cause.name,
                reason=cause.reason,
                actor=cause.actor,
                request_id=cause.request_id,
            ),
        )
        # In the same transaction: what is acknowledged is known to clients sooner or later, too.
        deliveries.add(tx, tenant.id, event_id, target.kind, target.value, at=at)
    return Revocation(event_id is not None, event_id, tenant.name, target.kind, target.value, cause)


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
        case selectors.Subject(subject=value) | selectors.Tenant(tenant=value):
            pass
    return _nothing(selector.tenant, selector.kind, value, cause)


def _shown(token: TokenRecord) -> str:
    return token.digest.hex()[:_DIGEST_DIGITS]


def _tenant(tx: Transaction, selector: Selector) -> TenantRecord:
    tenant = tenants.find(tx, selector.tenant) if names.is_tenant_name(selector.tenant) else None
    if tenant is None:
        raise NotFound(f"There is no tenant {selector.tenant!r}.")
    return tenant


def _target(tx: Transaction, tenant_id: int, selector: Selector) -> _Target | None:
    """Find what the selector names; None where it is not there, or has ended by a decision already.

    Time is no reason to do nothing: to a host whose clock is behind, what has expired here is still active.
    Looking does not lock. In PostgreSQL a row lock is itself a write, so a revocation that has nothing to
    do would cost a commit, and could be told from others by its time.
    """
    now = clock.now()
    match selector:
        case selectors.Token(token=string):
            token = tokens.find(tx, tenant_id, digest(string), now=now)
            return _of_token(token) if token else None
        case (
            selectors.Grant(grant_id=name) | selectors.Session(sid=name) | selectors.Client(client_id=name)
        ) if not names.is_storable(name):
            return None
        case selectors.Grant(grant_id=grant_id):
            grant = grants.find(tx, tenant_id, grant_id, now=now)
            if grant is None or grant.is_ended:
                return None
            end = _ending(revocations.end_grant, grant_id)
            return _Target("grant", grant_id, end, client_id=grant.client_id, grant_id=grant_id)
        case selectors.Session(sid=sid):
            session = sessions.find(tx, tenant_id, sid, now=now)
            if session is None or session.is_ended:
                return None
            is_wholly = _takes_offline_access_along(tx, tenant_id)
            statement = revocations.end_session_wholly if is_wholly else revocations.end_session
            return _Target("session", sid, _ending(statement, sid))
        case selectors.Subject(subject=subject):
            names.subject(subject)
            return _Target("subject", subject, _ending(revocations.raise_subject, subject))
        case selectors.Client(client_id=client_id):
            client = clients.find(tx, tenant_id, client_id)
            if client is None or client.deleted_at is not None:
                return None
            end = _ending(revocations.raise_client, client_id)
            return _Target("client", client_id, end, client_id=client_id)
        case selectors.Tenant(tenant=name):
            return _Target(
                "tenant", name, lambda tx, tenant_id, at: revocations.raise_tenant(tx, tenant_id, at=at)
            )


def _takes_offline_access_along(tx: Transaction, tenant_id: int) -> bool:
    """Tell whether the end of a session ends what was given `offline_access` in it too, at this tenant."""
    return tenant_settings.parse(tenants.settings_of(tx, tenant_id)).logout_ends_offline_access


def _of_token(token: TokenRecord) -> _Target | None:
    """End the token's grant; or it alone, if it is an access token of a client that revokes single tokens."""
    grant = token.grant
    if token.kind == "access" and token.ends_alone:
        if token.is_ended:
            return None
        end = _ending(revocations.end_token, token.digest)
    else:
        if grant.is_ended:
            return None
        end = _ending(revocations.end_grant, grant.id)
    return _Target("token", _shown(token), end, client_id=grant.client_id, grant_id=grant.id)


def _ending(statement: Callable[..., bool], key: bytes | str) -> Callable[[Transaction, int, int], bool]:
    return lambda tx, tenant_id, at: statement(tx, tenant_id, key, at=at)
