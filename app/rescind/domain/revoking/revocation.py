"""The one way to end tokens. Endpoint, replay, operator and deletion all come through here.

Whatever the number of tokens, a revocation is one conditional update and one event row, in one transaction;
with the end of a session or a subject, also a row for each client that listens for it. But for what a subject
has given one client: that is ended grant by grant.
"""

from dataclasses import replace

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.revoking import access, hooks, selectors, targets
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.selectors import Selector, Single
from rescind.domain.revoking.targets import Target
from rescind.domain.secrets import digest
from rescind.errors import NotFound
from rescind.store import revocations, spellings, tenants
from rescind.store.engine import Transaction
from rescind.store.records import TenantRecord, TokenRecord


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
    writes a row for each client that is to hear of it. On PostgreSQL all of it is one statement. What a
    subject has given a client is several: two for each thousand grants.
    """
    if isinstance(selector, selectors.Access):
        return _end_access(authority, selector, cause)
    with authority.store.reading() as tx:
        tenant = _tenant(tx, selector)
        target = targets.find(authority, tx, tenant.id, selector)
    return _end(authority, tenant, target, _nothing_of(selector, cause))


def is_to_end(authority: Authority, tx: Transaction, tenant_id: int, selector: Selector) -> bool:
    """Tell whether there is what a selector names, and no decision has ended it; of an access, may be."""
    if isinstance(selector, selectors.Access):
        return names.is_client_id(selector.client_id) and names.is_storable(selector.subject)
    return targets.find(authority, tx, tenant_id, selector) is not None


def revoke_within(authority: Authority, tx: Transaction, selector: Selector, cause: Cause) -> Revocation:
    """End what the selector names inside a transaction of the caller, who commits. No signal is sent.

    Raises:
        NotFound: there is no such tenant.
        ValueError: it names what takes several transactions.
    """
    if isinstance(selector, selectors.Access):
        raise ValueError("What a subject has given a client ends by transactions of its own, one or more.")
    return apply(authority, tx, _tenant(tx, selector), selector, cause)


def revoke_found(authority: Authority, tenant: TenantRecord, token: TokenRecord, cause: Cause) -> Revocation:
    """End a token that was looked up already: `revoke` without its first read."""
    nothing = targets.nothing(tenant.name, "token", targets.shown(token.digest), cause)
    return _end(authority, tenant, targets.of_token(token), nothing)


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
    selector: Single,
    cause: Cause,
    *,
    is_noted: bool = False,
) -> Revocation:
    """End what the selector names inside a transaction of the caller, who commits and then announces.

    Args:
        is_noted: that of a subject is an event also where nothing was there to end.
    """
    nothing = _nothing_of(selector, cause)
    target = targets.find(authority, tx, tenant.id, selector)
    if target is None:
        return nothing
    event = targets.event(authority, target, cause, is_noted=is_noted)
    row = tx.write(target.write, tenant_id=tenant.id, **revocations.values_of(target.this, event))
    return targets.done(nothing, event) if row is not None else nothing


def _end_access(authority: Authority, selector: selectors.Access, cause: Cause) -> Revocation:
    """End what a subject has given a client; of its events, one for each grant, the first is named."""
    names.subject(selector.subject)
    with authority.store.reading() as tx:
        tenant = _tenant(tx, selector)
    client_id, nothing = selector.client_id, _nothing_of(selector, cause)
    ended = (
        access.disconnect(authority, tenant, selector.subject, client_id, cause)
        if names.is_client_id(client_id)
        else []
    )
    if not ended:
        confirm_nothing(authority, tenant)
    return replace(nothing, revoked=True, event_id=ended[0].event_id) if ended else nothing


def _end(
    authority: Authority, tenant: TenantRecord, target: Target | None, nothing: Revocation
) -> Revocation:
    done = nothing
    if target is not None:
        event = targets.event(authority, target, nothing.cause)
        values = revocations.values_of(target.this, event)
        row = authority.store.write(target.write, tenant_id=tenant.id, **values)
        done = targets.done(nothing, event) if row is not None else nothing
    if done.revoked:
        hooks.announce(authority, done)
    else:
        # What is seen to have ended may have ended by a commit that no standby has confirmed.
        confirm_nothing(authority, tenant)
    return done


def _nothing_of(selector: Selector, cause: Cause) -> Revocation:
    match selector:
        case selectors.Token(token=string):
            value = targets.shown(digest(string))
        case (
            selectors.Grant(grant_id=value) | selectors.Session(sid=value) | selectors.Client(client_id=value)
        ):
            pass
        case selectors.Subject(subject=subject) | selectors.Access(subject=subject):
            value = spellings.composed(subject)
        case selectors.Tenant(tenant=value):
            pass
    return targets.nothing(selector.tenant, selector.kind, value, cause)


def _tenant(tx: Transaction, selector: Selector) -> TenantRecord:
    tenant = tenants.find(tx, selector.tenant) if names.is_tenant_name(selector.tenant) else None
    if tenant is None:
        raise NotFound(f"There is no tenant {selector.tenant!r}.")
    return tenant
