"""OpenID Connect Back-Channel Logout section 2.7: a tenant may have sessions take `offline_access` along."""

from dataclasses import replace

import pytest

from rescind.domain.registry import tenants
from rescind.domain.revoking import selectors
from rescind.domain.revoking.presence import count_covered
from rescind.domain.tokens import issuing
from tests.domain.revoking.logouts import NOW, deliver, sign_out
from tests.protocol.id_tokens import openid_client, signed_in
from tests.servers import Client, Tenant, error_of

OFFLINE = "openid offline_access"


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client of a tenant whose logout ends what was given offline access."""
    tenants.update(tenant.server.authority, tenant.record, {"logout_ends_offline_access": True})
    return openid_client(tenant)


@pytest.mark.requirement("LGO-04")
def test_s2_7_offline_access_ends_with_its_session_where_the_tenant_says_so(
    tenant: Tenant, client: Client
) -> None:
    sid = tenant.new_session("alice")
    offline = signed_in(client, OFFLINE, session_sid=sid)
    newest = client.refresh(offline["refresh_token"]).json()

    done = sign_out(tenant, sid)

    assert done.revoked
    assert not client.is_active(offline["access_token"])
    assert not client.is_active(newest["access_token"])
    assert error_of(client.refresh(newest["refresh_token"])) == "invalid_grant"


@pytest.mark.requirement("LGO-04")
def test_what_was_given_in_another_session_or_in_none_goes_on(tenant: Tenant, client: Client) -> None:
    ended, other = tenant.new_session("alice"), tenant.new_session("alice")
    kept = [signed_in(client, OFFLINE, session_sid=sid)["refresh_token"] for sid in (other, None)]

    sign_out(tenant, ended)

    assert [client.is_active(each) for each in kept] == [True, True]


@pytest.mark.requirement("LGO-04")
def test_another_tenant_goes_by_what_is_set_for_it(client: Client, other_tenant: Tenant) -> None:
    stranger = openid_client(other_tenant)
    sid = other_tenant.new_session("alice")
    refresh_token = signed_in(stranger, OFFLINE, session_sid=sid)["refresh_token"]

    done = sign_out(other_tenant, sid)

    assert done.revoked
    assert stranger.is_active(refresh_token)


@pytest.mark.requirement("LGO-04")
def test_a_grant_that_is_written_after_the_end_of_its_session_is_dead(tenant: Tenant, client: Client) -> None:
    sid = tenant.new_session("alice")
    authorization = replace(client.authorization(is_refreshable=True), offline_session_sid=sid)
    sign_out(tenant, sid)

    (issued,) = issuing.issue(tenant.server.authority, authorization)

    assert not client.is_active(issued.access_token)
    assert error_of(client.refresh(issued.refresh_token or "")) == "invalid_grant"


@pytest.mark.requirement("LGO-04")
def test_to_take_the_setting_back_revives_nothing(tenant: Tenant, client: Client) -> None:
    sid = tenant.new_session("alice")
    refresh_token = signed_in(client, OFFLINE, session_sid=sid)["refresh_token"]
    sign_out(tenant, sid)

    tenants.update(tenant.server.authority, tenant.record, {"logout_ends_offline_access": False})

    assert not client.is_active(refresh_token)


@pytest.mark.parametrize(("is_set", "count"), [(True, 2), (False, 1)])
def test_what_the_end_of_a_session_would_end_is_counted(
    tenant: Tenant, client: Client, is_set: bool, count: int
) -> None:
    authority = tenant.server.authority
    tenants.update(authority, tenant.record, {"logout_ends_offline_access": is_set})
    sid = tenant.new_session("alice")
    [signed_in(client, scope, session_sid=sid) for scope in ("openid", OFFLINE)]
    signed_in(client, OFFLINE, session_sid=tenant.new_session("alice"))

    covered = count_covered(authority, selectors.Session(tenant.name, sid))

    assert covered == (count, True)
    assert count_covered(authority, selectors.Session(tenant.name, sid), most=0) == (0, False)


@pytest.mark.usefixtures("far_ahead")
def test_the_client_is_told(tenant: Tenant, client: Client, listener: Client) -> None:
    sid = tenant.new_session("alice")
    refresh_token = signed_in(listener, OFFLINE, session_sid=sid)["refresh_token"]
    sign_out(tenant, sid)

    told = deliver(tenant, at=NOW)

    assert [(each.client_id, each.done) for each in told] == [(listener.client_id, True)]
    assert not listener.is_active(refresh_token)
