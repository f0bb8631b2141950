"""The end of a session or of all of a subject's: what dies with it, and which clients hear of it."""

from collections.abc import Callable

import pytest

from rescind.domain.registry import clients
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.revocation import apply
from rescind.domain.revoking.selectors import Client as ClientSelector
from rescind.domain.revoking.selectors import Grant, Selector, Session, Subject
from rescind.domain.revoking.selectors import Tenant as TenantSelector
from tests import stores
from tests.domain.revoking.logouts import deliver, listening_client, revoke, sign_in_to, sign_out
from tests.receivers import Receiver
from tests.servers import Client, Tenant


def told(tenant: Tenant) -> list[str]:
    """Deliver, and give the clients that were told, one entry a logout token."""
    return sorted(each.client_id for each in deliver(tenant) if each.done)


@pytest.mark.requirement("LGO-04")
def test_a_session_takes_its_grants_along_and_leaves_those_with_offline_access(
    tenant: Tenant, listener: Client
) -> None:
    sid = tenant.new_session("alice")
    bound, offline = (
        listener.exchange(listener.mint_code("alice", tuple(scope.split()), session_sid=sid)).json()
        for scope in ("openid read", "openid offline_access")
    )

    done = sign_out(tenant, sid)

    assert done.revoked
    assert not listener.is_active(bound["access_token"])
    assert not listener.is_active(bound["refresh_token"])
    assert listener.is_active(offline["access_token"])
    assert listener.is_active(offline["refresh_token"])


@pytest.mark.requirement("LGO-04")
def test_to_sign_out_twice_is_harmless_and_tells_nobody_twice(tenant: Tenant, listener: Client) -> None:
    sid = sign_in_to(listener)
    sign_out(tenant, sid)

    again = sign_out(tenant, sid)

    assert (again.revoked, again.event_id) == (False, None)
    assert told(tenant) == [listener.client_id]


@pytest.mark.requirement("BCL-01")
def test_every_client_of_the_session_hears_of_its_end_and_no_other(
    tenant: Tenant, other_tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    other, elsewhere, stranger = (listening_client(tenant, receiver.uri) for _ in range(3))
    silent = listening_client(tenant, None)
    foreign = listening_client(other_tenant, receiver.uri)
    sign_in_to(elsewhere)
    sign_in_to(stranger, subject="bob")
    sign_in_to(foreign)
    sid = sign_in_to(listener, other, silent)

    sign_out(tenant, sid)

    assert told(tenant) == sorted([listener.client_id, other.client_id])
    assert told(other_tenant) == []


def test_a_client_whose_grant_outlives_the_session_hears_of_its_end_too(
    tenant: Tenant, listener: Client
) -> None:
    sid = sign_in_to(listener, scope="openid offline_access")

    sign_out(tenant, sid)

    assert told(tenant) == [listener.client_id]


def test_a_client_whose_grant_was_revoked_before_hears_of_the_end_of_the_session(
    tenant: Tenant, listener: Client
) -> None:
    sid = tenant.new_session("alice")
    listener.revoke(listener.issue(session_sid=sid).access_token)

    sign_out(tenant, sid)

    assert told(tenant) == [listener.client_id]


@pytest.mark.requirement("BCL-01")
def test_a_revoked_subject_is_told_of_once_to_each_client_however_many_sessions(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    other = listening_client(tenant, receiver.uri)
    stranger = listening_client(tenant, receiver.uri)
    sign_in_to(listener, other)
    sign_in_to(listener, scope="openid offline_access")
    sign_in_to(stranger, subject="bob")

    revoke(tenant, Subject(tenant.name, "alice"))

    assert told(tenant) == sorted([listener.client_id, other.client_id])


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (lambda tenant, listener, sid, grant: Session(tenant.name, sid), 1),
        (lambda tenant, listener, sid, grant: Subject(tenant.name, "alice"), 1),
        (lambda tenant, listener, sid, grant: Grant(tenant.name, grant), 0),
        (lambda tenant, listener, sid, grant: ClientSelector(tenant.name, listener.client_id), 0),
        (lambda tenant, listener, sid, grant: TenantSelector(tenant.name), 0),
    ],
    ids=["session", "subject", "grant", "client", "tenant"],
)
def test_whichever_way_a_sign_in_ends_the_client_is_told(
    tenant: Tenant, listener: Client, select: Callable[[Tenant, Client, str, str], Selector], expected: int
) -> None:
    sid = tenant.new_session("alice")
    issued = listener.issue(session_sid=sid)

    done = revoke(tenant, select(tenant, listener, sid, issued.grant_id))

    assert done.revoked
    assert not listener.is_active(issued.access_token)
    assert len(told(tenant)) == expected


class UndoneError(Exception):
    """Raised to roll back."""


def test_what_is_rolled_back_is_not_told(tenant: Tenant, listener: Client) -> None:
    sid = tenant.new_session("alice")
    access_token = listener.issue(session_sid=sid).access_token

    with pytest.raises(UndoneError), stores.transaction(tenant.server.authority.store) as tx:
        apply(
            tenant.server.authority,
            tx,
            tenant.record,
            Session(tenant.name, sid),
            Cause("test", actor="operator:test"),
        )
        raise UndoneError

    assert listener.is_active(access_token)
    assert told(tenant) == []


@pytest.mark.parametrize(
    ("leave", "options"),
    [(clients.update, {"backchannel_logout_uri": ""}), (clients.delete, {"actor": "operator:test"})],
    ids=["unregistered its address", "deleted"],
)
def test_a_client_that_went_away_meanwhile_is_not_written_to(
    tenant: Tenant,
    listener: Client,
    receiver: Receiver,
    leave: Callable[..., object],
    options: dict[str, str],
) -> None:
    sign_out(tenant, sign_in_to(listener))
    leave(tenant.server.authority, tenant.record, listener.client_id, **options)

    first, second = deliver(tenant), deliver(tenant)

    assert [each.done for each in first] == [True]
    assert second == []
    assert receiver.tokens == []
