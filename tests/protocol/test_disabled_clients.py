"""A client that is disabled for a while: nothing new, nothing active, nothing lost but what was revoked."""

from collections.abc import Callable

import httpx
import pytest

from rescind.domain.registry import clients, suspending
from rescind.domain.revoking.epochs import Epochs
from rescind.domain.tokens import active, codes
from rescind.domain.tokens.issuing import Authorization, issue
from rescind.domain.tokens.refreshing import Asked, refresh
from rescind.errors import ClientDisabled
from rescind.store import grants
from tests.servers import CALLBACK, VERIFIER, Client, Tenant, error_of
from tests.web.pages.asking import address_of, request

Ask = Callable[[Client], httpx.Response]


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client that may have all that there is."""
    return tenant.new_client(redirect_uris=[CALLBACK], scope="openid notes", is_resource_server=True)


def disable(client: Client) -> None:
    """Suspend a client."""
    suspending.disable(
        client.tenant.server.authority, client.tenant.record, client.client_id, actor="operator:test"
    )


def enable(client: Client) -> None:
    """Let it go on."""
    suspending.enable(
        client.tenant.server.authority, client.tenant.record, client.client_id, actor="operator:test"
    )


def test_what_it_has_is_inactive_meanwhile_and_what_is_revoked_then_stays_so(
    tenant: Tenant, client: Client
) -> None:
    kept, revoked, lost = (client.issue("alice", ("openid",)) for _ in range(3))
    asker = tenant.new_client(is_resource_server=True)
    disable(client)

    inactive = [asker.is_active(each.access_token) for each in (kept, revoked, lost)]
    with tenant.server.http() as http:
        bearer = {"Authorization": f"Bearer {kept.access_token}"}
        userinfo = http.get(f"{tenant.path}/userinfo", headers=bearer)
    by_itself = client.revoke(revoked.access_token)
    wrong = Client(tenant, client.client_id, "wrong").revoke(lost.access_token)
    enable(client)

    assert inactive == [False, False, False]
    assert (userinfo.status_code, error_of(userinfo)) == (401, "invalid_token")
    assert (by_itself.status_code, wrong.status_code) == (200, 401)
    assert [asker.is_active(each.access_token) for each in (kept, revoked, lost)] == [True, False, True]


ASKED: dict[str, Ask] = {
    "a token": lambda client: client.post("token", grant_type="client_credentials"),
    "a grant type that is none": lambda client: client.post("token", grant_type="none"),
    "introspection": lambda client: client.introspect("unknown"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_it_is_told_that_it_is_disabled_and_others_that_show_no_secret_are_not(
    tenant: Tenant, client: Client, ask: Ask
) -> None:
    disable(client)

    told, untold = ask(client), ask(Client(tenant, client.client_id, "wrong"))

    assert (told.status_code, error_of(told)) == (400, "unauthorized_client")
    assert "until an operator enables it again" in told.json()["error_description"]
    assert (untold.status_code, error_of(untold)) == (401, "invalid_client")


def test_codes_and_refresh_tokens_are_refused_and_not_used_up(client: Client) -> None:
    first = client.issue("alice").refresh_token or ""
    code = client.mint_code("alice")
    second = client.refresh(first).json()
    disable(client)

    refused = [client.refresh(second["refresh_token"]), client.refresh(first), client.exchange(code)]
    enable(client)
    exchanged, refreshed = client.exchange(code), client.refresh(second["refresh_token"])

    assert [error_of(each) for each in refused] == ["unauthorized_client"] * 3
    assert exchanged.status_code == refreshed.status_code == 200
    assert client.is_active(refreshed.json()["access_token"])


def test_what_overlaps_the_end_of_it_uses_nothing_up_either(tenant: Tenant, client: Client) -> None:
    """The requests have read that the client is enabled; when they write, it is not any more."""
    authority, record = tenant.server.authority, tenant.record
    refresh_token, code = client.issue("alice").refresh_token or "", client.mint_code("alice")
    token = active.look_up(authority, record.id, refresh_token)
    found = codes.look_up(authority, record.id, code)
    known = clients.get(authority, record, client.client_id)
    assert token is not None
    disable(client)

    with pytest.raises(ClientDisabled):
        refresh(authority, record, known, refresh_token, token, lambda: Asked(()))
    with pytest.raises(ClientDisabled):
        codes.redeem(authority, record, known, codes.Redemption(code, CALLBACK, VERIFIER), found)

    enable(client)
    assert client.exchange(code).status_code == 200
    assert client.refresh(refresh_token).status_code == 200


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_issued_meanwhile_without_anything_to_use_up_is_not(
    tenant: Tenant, client: Client, count: int
) -> None:
    authority = tenant.server.authority
    known = clients.get(authority, tenant.record, client.client_id)
    authorization = Authorization(
        tenant.record.id, known.client_id, Epochs.carried_by(tenant.record, known), ("notes",)
    )
    disable(client)

    with pytest.raises(ClientDisabled):
        issue(authority, authorization, count=count)

    with authority.store.reading() as tx:
        assert grants.count_holding(tx, tenant.record.id, client_id=client.client_id, limit=1) == 0


def test_nobody_is_led_to_it_and_who_was_asked_already_can_not_allow_it(client: Client) -> None:
    with client.tenant.server.http() as http:
        before = http.get(address_of(client.tenant), params=request(client, scope="other"))
        disable(client)

        after = http.get(address_of(client.tenant), params=request(client, scope="other"))

    assert before.headers["Location"].startswith(CALLBACK)
    assert after.status_code == 400
    assert "was stopped by whoever runs this server" in after.text
