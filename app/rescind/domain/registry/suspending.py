"""Disable a client for a while, and enable it again: what it was given holds, and is not active meanwhile."""

from rescind.domain.authority import Authority
from rescind.domain.registry import clients, documents
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import CLIENT_DISABLED, CLIENT_ENABLED, Cause
from rescind.domain.secrets import new_id
from rescind.errors import Refused
from rescind.store import suspending
from rescind.store.drafts import NewRevocation
from rescind.store.records import TenantRecord


def disable(
    authority: Authority, tenant: TenantRecord, client_id: str, *, actor: str, reason: str | None = None
) -> str | None:
    """Suspend a client: from the commit on it gets nothing and none of its tokens is active.

    Nothing ends by it, so no signal is sent. What is revoked meanwhile has ended for good.

    Returns:
        The id of the event; of one that is disabled already there is none.

    Raises:
        NotFound: there is no such client.
        Refused: workers of the version before may be left, to which it is not.
        StoreUnavailable: not known whether it is disabled.
    """
    clients.get(authority, tenant, client_id)
    check_is_settled(authority)
    event = _event(authority, client_id, Cause(CLIENT_DISABLED, actor, reason))
    return event.id if suspending.disable(authority.store, tenant.id, client_id, event) else None


def keep_out(
    authority: Authority, tenant: TenantRecord, client_id: str, *, actor: str, reason: str | None = None
) -> str | None:
    """Suspend a client that could come by the document at its id, before it does.

    Returns:
        The id of the event.

    Raises:
        AlreadyExists: it has come just now, or its id is a person's name.
        Refused: workers of the version before may be left.
        StoreUnavailable: not known whether it is kept out.
    """
    check_is_settled(authority)
    documents.expect(authority, tenant, client_id)
    return disable(authority, tenant, client_id, actor=actor, reason=reason)


def enable(
    authority: Authority, tenant: TenantRecord, client_id: str, *, actor: str, reason: str | None = None
) -> str | None:
    """Let a client go on with what was not revoked and has not expired meanwhile.

    Returns:
        The id of the event; of one that is not disabled there is none.

    Raises:
        NotFound: there is no such client.
        StoreUnavailable: not known whether it is enabled.
    """
    clients.get(authority, tenant, client_id)
    event = _event(authority, client_id, Cause(CLIENT_ENABLED, actor, reason))
    return event.id if suspending.enable(authority.store, tenant.id, client_id, event) else None


def check_is_settled(authority: Authority) -> None:
    """Refuse while workers may be left that do not know of disabled clients.

    Raises:
        Refused: the upgrade is not finished.
    """
    if not authority.store.is_settled:
        raise Refused(
            "To workers of the version before a disabled client is like any other. When none of them is "
            "left, run rescind db upgrade --finish, and then this again."
        )


def _event(authority: Authority, client_id: str, cause: Cause) -> NewRevocation:
    return NewRevocation(
        id=new_id(),
        selector_kind=selectors.Client.kind,
        selector_value=client_id,
        grant_id=None,
        client_id=client_id,
        subject=None,
        cause=cause.name,
        reason=cause.reason,
        actor=cause.actor,
        request_id=cause.request_id,
        kept_seconds=authority.audit_seconds,
    )
