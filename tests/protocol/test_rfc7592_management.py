"""RFC 7592: a client shows, changes and deletes what it has registered, with the token that it was given."""

from collections.abc import Callable

import httpx
import pytest

from rescind.domain.registry import clients, suspending
from rescind.store import audit
from tests.protocol.registering import Registered, open_to
from tests.servers import CALLBACK, Client, Tenant, error_of


@pytest.fixture
def registered(tenant: Tenant) -> Registered:
    """Give a client that has registered itself."""
    return Registered.at(open_to(tenant, "open"), client_name="Ledger", software_id="ledger")


def secret_is_good(client: Client) -> bool:
    """Tell whether a client authenticates with the secret that it has."""
    return client.revoke("no-such-token").status_code == 200


def test_s2_1_a_client_is_shown_all_but_its_secret(registered: Registered) -> None:
    reply = registered.ask("GET")

    expected = dict(registered.told)
    del expected["client_secret"], expected["client_secret_expires_at"]
    assert reply.status_code == 200
    assert reply.json() == expected
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.requirement("REG-03")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "token",
    [
        lambda registered, other: "rct_made-up",
        lambda registered, other: other.told["registration_access_token"],
        lambda registered, other: registered.told["client_secret"],
    ],
    ids=["made up", "of another", "the secret"],
)
def test_s2_with_a_wrong_token_nothing_is_shown_or_changed(
    registered: Registered, method: str, token: Callable[[Registered, Registered], str]
) -> None:
    wrong = token(registered, Registered.at(registered.tenant))

    reply = registered.ask(method, token=wrong, client_id=registered.told["client_id"])

    assert (reply.status_code, error_of(reply)) == (401, "invalid_token")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer ")
    assert registered.ask("GET").json()["client_name"] == "Ledger"


def test_s2_without_a_token_and_for_who_never_registered_itself_it_is_401(registered: Registered) -> None:
    path, client = registered.tenant.path, registered.tenant.new_client()
    with registered.tenant.server.http() as http:
        replies = [
            http.get(f"{path}/register/{registered.told['client_id']}"),
            http.get(f"{path}/register/{client.client_id}", headers={"Authorization": "Bearer rct_any"}),
            http.get(f"{path}/register/no%00body", headers={"Authorization": "Bearer rct_any"}),
        ]

    assert [reply.status_code for reply in replies] == [401] * 3


@pytest.mark.requirement("REG-06")
def test_s2_2_a_change_replaces_all_and_the_old_token_and_secret_die(registered: Registered) -> None:
    before = registered.client

    reply = registered.put(redirect_uris=["https://new.example/back"], scope="openid")

    told = reply.json()
    assert reply.status_code == 200
    assert told["redirect_uris"] == ["https://new.example/back"]
    assert told.keys().isdisjoint({"client_name", "software_id"})
    assert registered.ask("GET").status_code == 401
    assert not secret_is_good(before)
    after = Registered(registered.tenant, told)
    assert secret_is_good(after.client)
    assert after.ask("GET").json()["scope"] == "openid"


def test_s2_2_a_client_that_shows_its_secret_keeps_it(registered: Registered) -> None:
    reply = registered.put(redirect_uris=[CALLBACK], client_secret=registered.told["client_secret"])

    assert "client_secret" not in reply.json()
    assert secret_is_good(registered.client)


@pytest.mark.requirement("REG-03")
@pytest.mark.parametrize(
    "members",
    [{"client_id": "another"}, {"client_id": None}, {"client_secret": "x" * 40}, {"client_secret": 1}],
    ids=["of another client", "of none", "a wrong secret", "no secret"],
)
def test_s2_2_a_change_that_is_not_about_this_client_changes_nothing(
    registered: Registered, members: dict[str, object]
) -> None:
    named = {"client_id": registered.told["client_id"], "redirect_uris": [CALLBACK], **members}

    reply = registered.ask("PUT", **named)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_client_metadata")
    assert registered.ask("GET").json()["client_name"] == "Ledger"


def test_s2_2_a_change_from_no_secret_to_one_and_back(registered: Registered) -> None:
    public = registered.put(redirect_uris=[CALLBACK], token_endpoint_auth_method="none").json()
    assert "client_secret" not in public

    again = Registered(registered.tenant, public).put(redirect_uris=[CALLBACK]).json()

    assert secret_is_good(Registered(registered.tenant, again).client)
    assert not secret_is_good(registered.client)


def test_what_an_operator_has_decided_of_a_client_it_does_not_change(registered: Registered) -> None:
    authority, client_id = registered.tenant.server.authority, registered.told["client_id"]
    given = {"scope": "openid ledger", "revocation_scope": "token"}
    clients.update(authority, registered.tenant.record, client_id, **given)

    told = registered.put(redirect_uris=[CALLBACK], scope="openid ledger admin").json()

    assert told["scope"] == "openid ledger"
    changed = clients.get(authority, registered.tenant.record, client_id)
    assert (changed.revocation_scope, changed.provenance) == ("token", "registered")


def test_at_a_tenant_that_was_closed_a_client_is_shown_and_deleted_and_not_changed(
    registered: Registered,
) -> None:
    open_to(registered.tenant, "closed")

    replies = [
        registered.ask("GET"),
        registered.put(redirect_uris=[CALLBACK]),
        registered.ask("DELETE"),
        registered.put(redirect_uris=[CALLBACK]),
    ]

    assert [reply.status_code for reply in replies] == [200, 403, 204, 401]


@pytest.mark.requirement("REG-02")
def test_s2_3_a_client_that_deletes_itself_is_gone_with_all_it_was_given(
    registered: Registered, resource_server: Client
) -> None:
    client = registered.client
    issued = client.issue("alice")
    assert resource_server.is_active(issued.access_token)

    reply = registered.ask("DELETE")

    assert (reply.status_code, reply.content) == (204, b"")
    assert not resource_server.is_active(issued.access_token)
    assert error_of(client.refresh(str(issued.refresh_token))) == "invalid_client"
    assert [registered.ask(method).status_code for method in ("GET", "PUT", "DELETE")] == [401, 401, 401]
    with client.tenant.server.authority.store.reading() as tx:
        asked = {"subject": None, "client_id": client.client_id, "cause": None}
        events = audit.list_some(
            tx, client.tenant.record.id, **asked, since=0, before=(1 << 40, "~"), limit=9
        )
    assert [(each.cause, each.actor) for each in events] == [("client-deleted", f"client:{client.client_id}")]


def test_what_is_told_in_a_url_or_by_another_method_is_refused(registered: Registered) -> None:
    address = registered.told["registration_client_uri"]
    with registered.tenant.server.http() as http:
        in_url: httpx.Response = http.get(f"{address}?access_token=rct_any")
        posted: httpx.Response = http.post(address, json={})

    assert (in_url.status_code, error_of(in_url)) == (400, "invalid_request")
    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD, PUT, DELETE")


def test_while_it_is_disabled_a_client_changes_nothing_and_may_look_and_leave(
    tenant: Tenant, registered: Registered
) -> None:
    authority, client_id = tenant.server.authority, registered.told["client_id"]
    suspending.disable(authority, tenant.record, client_id, actor="operator:test")

    refused = registered.ask("PUT", **{**registered.told, "redirect_uris": ["https://other.example/"]})
    wrong = registered.ask("PUT", token="rct_made-up", **registered.told)
    looked = registered.ask("GET")
    left = registered.ask("DELETE")

    assert (refused.status_code, error_of(refused)) == (400, "unauthorized_client")
    assert (wrong.status_code, error_of(wrong)) == (401, "invalid_token")
    assert (looked.status_code, looked.json()["redirect_uris"]) == (200, [CALLBACK])
    assert left.status_code == 204
