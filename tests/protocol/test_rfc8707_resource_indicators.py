"""RFC 8707: what a token is meant for, at the token endpoint and to who asks about it."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from rescind.domain.registry import clients, tenants
from rescind.domain.tokens import codes, pkce
from rescind.domain.tokens.issuing import issue
from tests.hot_requests import sent
from tests.servers import CALLBACK, VERIFIER, Client, Tenant, error_of

NOTES, MAIL, UNKNOWN = "https://notes.example/mcp", "https://mail.example", "https://evil.example"


@pytest.fixture
def notes(tenant: Tenant) -> Client:
    """Give a resource server that answers for one resource."""
    return tenant.new_client(is_resource_server=True, resources=[NOTES])


@pytest.fixture
def mail(tenant: Tenant) -> Client:
    """Give another, for another resource."""
    return tenant.new_client(is_resource_server=True, resources=[MAIL])


def ask(client: Client, grant_type: str = "client_credentials", **form: Any) -> httpx.Response:
    """Ask for a token; a list sends a parameter several times."""
    return client.send("token", {"grant_type": grant_type, **form})


def token(client: Client, **form: Any) -> str:
    """Get a token by client_credentials."""
    reply = ask(client, **form)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["access_token"])


def refresh_token(client: Client, *audience: str) -> str:
    """Issue what a subject has given a client for these resources."""
    given = replace(client.authorization(is_refreshable=True), audience=audience)
    (issued,) = issue(client.tenant.server.authority, given)
    return str(issued.refresh_token)


def code(client: Client, *audience: str) -> str:
    """Make a code for these resources."""
    given = replace(client.authorization(), audience=audience)
    challenge = pkce.challenge_of(VERIFIER)
    return codes.mint(client.tenant.server.authority, given, redirect_uri=CALLBACK, code_challenge=challenge)


def exchange(client: Client, code: str, **form: Any) -> httpx.Response:
    """Redeem a code; a list sends a parameter several times."""
    return ask(client, "authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER, **form)


def aud(resource_server: Client, token: str) -> Any:
    """Give the audience of an active token as a resource server is told it."""
    told = resource_server.introspect(token).json()
    assert told["active"], told
    return told.get("aud")


@pytest.mark.requirement("RES-01")
@pytest.mark.requirement("RES-03")
def test_s2_a_token_is_active_to_the_resource_servers_it_names_and_to_no_other(
    client: Client, notes: Client, mail: Client, resource_server: Client
) -> None:
    written = "https://Notes.example/mcp/"
    for_notes, for_both, for_nobody = (
        token(client, resource=written),
        token(client, resource=[NOTES, MAIL, written]),
        token(client),
    )

    assert aud(notes, for_notes) == written
    assert aud(notes, for_both) == aud(mail, for_both) == [NOTES, MAIL]
    assert mail.introspect(for_notes).json() == {"active": False}
    assert notes.introspect(for_nobody).json() == {"active": False}
    # Who answers for nothing in particular sees all, as the client itself does.
    assert aud(resource_server, for_notes) == aud(client, for_notes) == written
    assert aud(resource_server, for_nobody) is None


@pytest.mark.requirement("RES-03")
def test_s3_a_resource_server_is_not_told_of_its_own_tokens_for_others(notes: Client, mail: Client) -> None:
    assert notes.introspect(token(notes, resource=MAIL)).json() == {"active": False}
    assert notes.introspect(refresh_token(notes, NOTES)).json() == {"active": False}


@pytest.mark.requirement("RES-01")
@pytest.mark.parametrize(
    "resource",
    [
        *(UNKNOWN, [NOTES, UNKNOWN], NOTES + "#", "notes", "https://notes.example/mcp x", NOTES + "/more"),
        [f"{NOTES}?{number}" for number in range(11)],
    ],
    ids=["unknown", "one-of-two", "fragment", "relative", "two-in-one", "longer", "very-many"],
)
def test_s2_what_nobody_answers_for_is_an_invalid_target(
    client: Client, notes: Client, resource: Any
) -> None:
    reply = ask(client, resource=resource)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_target"


@pytest.mark.requirement("RES-01")
def test_s2_only_resource_may_come_twice(client: Client, notes: Client) -> None:
    assert ask(client, resource=["", NOTES, NOTES]).status_code == 200
    assert error_of(ask(client, resource=NOTES, scope=["read", "read"])) == "invalid_request"


def test_a_resource_is_known_as_long_as_its_resource_server_answers_for_it(
    client: Client, other_tenant: Tenant, notes: Client
) -> None:
    authority, record = client.tenant.server.authority, client.tenant.record
    of_other = other_tenant.new_client()
    clients.update(authority, record, notes.client_id, resources=[MAIL])

    assert error_of(ask(client, resource=NOTES)) == "invalid_target"
    assert ask(client, resource=MAIL).status_code == 200
    assert error_of(ask(of_other, resource=MAIL)) == "invalid_target"
    clients.delete(authority, record, notes.client_id, actor="test")
    assert error_of(ask(client, resource=MAIL)) == "invalid_target"


def test_the_tenants_default_is_what_a_token_is_meant_for_where_nothing_is_asked_for(
    client: Client, notes: Client, mail: Client
) -> None:
    authority, record = client.tenant.server.authority, client.tenant.record
    tenants.update(authority, record, {"default_resource": NOTES})

    assert aud(notes, token(client)) == NOTES
    assert aud(mail, token(client, resource=MAIL)) == MAIL
    tenants.update(authority, record, {"default_resource": ""})
    assert aud(client, token(client)) is None


@pytest.mark.requirement("RES-02")
def test_s2_2_a_refresh_narrows_and_the_grant_keeps_all(client: Client, notes: Client, mail: Client) -> None:
    first = refresh_token(client, NOTES, MAIL)

    narrow = ask(client, "refresh_token", refresh_token=first, resource="https://MAIL.example/").json()
    whole = ask(client, "refresh_token", refresh_token=narrow["refresh_token"]).json()

    assert aud(mail, narrow["access_token"]) == "https://MAIL.example/"
    assert notes.introspect(narrow["access_token"]).json() == {"active": False}
    assert aud(notes, whole["access_token"]) == [NOTES, MAIL]


@pytest.mark.requirement("RES-02")
@pytest.mark.parametrize("grace_seconds", [None, 900], ids=["for-a-retry", "for-siblings"])
def test_s2_2_who_refreshes_once_more_within_the_grace_gets_what_it_asks_for_then(
    tenant: Tenant, notes: Client, mail: Client, grace_seconds: int | None
) -> None:
    client = tenant.new_client(scope="openid read", refresh_grace_seconds=grace_seconds)
    given = replace(
        client.authorization(scope=("openid", "read"), is_refreshable=True), audience=(NOTES, MAIL)
    )
    (issued,) = issue(tenant.server.authority, given)

    def again(**form: Any) -> httpx.Response:
        return ask(client, "refresh_token", refresh_token=str(issued.refresh_token), **form)

    narrow = again(resource=NOTES, scope="read").json()
    other, whole = again(resource=MAIL, scope="read").json(), again().json()

    assert aud(notes, narrow["access_token"]) == NOTES
    assert aud(mail, other["access_token"]) == MAIL
    assert aud(notes, whole["access_token"]) == [NOTES, MAIL]
    assert whole["scope"] == "openid read"
    assert "id_token" in whole
    assert error_of(again(resource=UNKNOWN)) == "invalid_target"
    assert error_of(again(scope="admin")) == "invalid_scope"
    assert again(resource=NOTES, scope="read").json()["access_token"] == narrow["access_token"]
    assert other["refresh_token"] == whole["refresh_token"] == narrow["refresh_token"]


@pytest.mark.requirement("RES-02")
@pytest.mark.parametrize("granted", [(NOTES,), ()], ids=["for-another", "for-none"])
def test_s2_2_a_refresh_does_not_widen_and_the_token_stays_usable(
    client: Client, notes: Client, mail: Client, granted: tuple[str, ...]
) -> None:
    presented = refresh_token(client, *granted)

    reply = ask(client, "refresh_token", refresh_token=presented, resource=[*granted, MAIL])

    assert error_of(reply) == "invalid_target"
    assert ask(client, "refresh_token", refresh_token=presented).status_code == 200


@pytest.mark.requirement("RES-02")
def test_s2_2_a_code_may_be_narrowed_not_widened_and_its_grant_keeps_all(
    client: Client, notes: Client, mail: Client
) -> None:
    made, narrow = code(client, NOTES), code(client, NOTES, MAIL)

    assert error_of(exchange(client, made, resource=MAIL)) == "invalid_target"
    assert aud(notes, exchange(client, made).json()["access_token"]) == NOTES
    issued = exchange(client, narrow, resource=MAIL).json()
    assert notes.introspect(issued["access_token"]).json() == {"active": False}
    again = client.refresh(issued["refresh_token"]).json()
    assert aud(notes, again["access_token"]) == [NOTES, MAIL]


def test_who_answers_for_resources_asks_with_one_statement(client: Client, notes: Client) -> None:
    held = token(client, resource=NOTES)

    with sent() as statements:
        assert aud(notes, held) == NOTES

    assert len(statements) == 1
