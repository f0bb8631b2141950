"""RFC 6749 section 4.1.3, Access Token Request: a code is redeemed by whom and for what it was made."""

import re
from collections.abc import Callable

import pytest

from rescind.domain import clock, secrets
from rescind.domain.registry import clients
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.revocation import revoke
from tests.servers import CALLBACK, VERIFIER, Client, Tenant, error_of

NOW = 1_800_000_000
BOTH_KINDS = pytest.mark.parametrize("is_public", [False, True], ids=["confidential", "public"])
WRONG_URIS = {
    "other": "https://client.example/elsewhere",
    "slash behind": CALLBACK + "/",
    "query behind": CALLBACK + "?",
    "capitals": CALLBACK.upper(),
    "other scheme": CALLBACK.replace("https", "http"),
    "port": CALLBACK.replace(".example", ".example:443"),
    "white space behind": CALLBACK + " ",
    "encoded": CALLBACK.replace("/callback", "/%63allback"),
}


@pytest.mark.requirement("COD-01")
@BOTH_KINDS
def test_s4_1_3_a_code_is_exchanged_for_tokens(
    tenant: Tenant, resource_server: Client, is_public: bool
) -> None:
    client = tenant.new_client(is_public=is_public, scope="read write")
    code = client.mint_code("alice", ("read",))

    reply = client.exchange(code)

    body = reply.json()
    assert reply.status_code == 200
    times = {"expires_in", "refresh_token_timeout", "authorization_expires_in"}
    assert set(body) == {"access_token", "token_type", "refresh_token", "scope", *times}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "read")
    described = resource_server.introspect(body["access_token"]).json()
    assert (described["active"], described["sub"], described["scope"]) == (True, "alice", "read")
    assert described["client_id"] == client.client_id


@pytest.mark.requirement("COD-01")
@BOTH_KINDS
def test_s6_the_refresh_token_of_a_code_refreshes(
    tenant: Tenant, resource_server: Client, is_public: bool
) -> None:
    client = tenant.new_client(is_public=is_public)
    refresh_token = client.exchange(client.mint_code()).json()["refresh_token"]

    reply = client.refresh(refresh_token)

    assert reply.status_code == 200
    assert resource_server.is_active(reply.json()["access_token"])


@pytest.mark.requirement("COD-01")
def test_s4_1_4_a_client_that_may_not_refresh_gets_no_refresh_token(tenant: Tenant) -> None:
    client = tenant.new_client(grant_types=["authorization_code"])

    reply = client.exchange(client.mint_code())

    assert reply.status_code == 200
    assert "refresh_token" not in reply.json()
    assert client.is_active(reply.json()["access_token"])


@pytest.mark.requirement("COD-01")
def test_s5_1_the_answer_may_not_be_kept(client: Client) -> None:
    reply = client.exchange(client.mint_code())

    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Pragma"] == "no-cache"
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.requirement("COD-01")
def test_s4_1_3_a_scope_that_is_asked_for_here_changes_nothing(client: Client) -> None:
    code = client.mint_code(scope=("read",))

    reply = client.exchange(code, scope="read write")

    assert reply.json()["scope"] == "read"
    assert client.introspect(reply.json()["access_token"]).json()["scope"] == "read"


@pytest.mark.requirement("COD-01")
def test_two_codes_are_two_grants(client: Client) -> None:
    one, other = (client.exchange(client.mint_code()).json()["access_token"] for _ in range(2))

    client.revoke(one)

    assert not client.is_active(one)
    assert client.is_active(other)


@pytest.mark.requirement("COD-05")
@pytest.mark.parametrize("redirect_uri", WRONG_URIS.values(), ids=WRONG_URIS)
def test_s4_1_3_the_redirect_uri_is_the_one_of_the_request_to_the_letter(
    client: Client, redirect_uri: str
) -> None:
    code = client.mint_code()

    reply = client.exchange(code, redirect_uri=redirect_uri)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert client.is_active(client.exchange(code).json()["access_token"])


@pytest.mark.requirement("COD-05")
@BOTH_KINDS
def test_s4_1_3_the_code_of_another_client(client: Client, tenant: Tenant, is_public: bool) -> None:
    mallory = tenant.new_client(is_public=is_public)
    code = client.mint_code()

    reply = mallory.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert client.is_active(client.exchange(code).json()["access_token"])


@pytest.mark.requirement("COD-05")
@pytest.mark.requirement("TEN-09")
def test_s4_1_3_the_code_of_the_same_client_id_in_another_tenant(
    client: Client, other_tenant: Tenant
) -> None:
    namesake = other_tenant.new_client(client_id=client.client_id, secret=client.secret)
    code = client.mint_code()

    reply = namesake.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert client.is_active(client.exchange(code).json()["access_token"])


@pytest.mark.requirement("COD-05")
@pytest.mark.parametrize("secret", ["wrong", None], ids=["wrong secret", "no secret"])
def test_s4_1_3_a_confidential_client_authenticates(
    client: Client, tenant: Tenant, secret: str | None
) -> None:
    code = client.mint_code()

    reply = Client(tenant, client.client_id, secret).exchange(code)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert client.is_active(client.exchange(code).json()["access_token"])


@pytest.mark.requirement("COD-06")
def test_s4_1_2_a_code_is_good_for_a_minute(client: Client) -> None:
    clock.set(NOW)
    code = client.mint_code()
    clock.set(NOW + 59)

    reply = client.exchange(code)

    assert reply.status_code == 200
    assert client.is_active(reply.json()["access_token"])


@pytest.mark.requirement("COD-06")
@pytest.mark.parametrize("later", [60, 600, 86_400])
def test_s4_1_2_a_code_expires(client: Client, later: int) -> None:
    clock.set(NOW)
    code = client.mint_code()
    clock.set(NOW + later)

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("COD-06")
@pytest.mark.settings(authorization_code_seconds=5)
def test_s4_1_2_the_lifetime_of_a_code_can_be_set(client: Client) -> None:
    clock.set(NOW)
    code = client.mint_code()
    clock.set(NOW + 5)

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


def a_refresh_token(client: Client) -> str:
    return str(client.issue().refresh_token)


def an_access_token(client: Client) -> str:
    return client.issue().access_token


def cut(client: Client) -> str:
    return client.mint_code()[:-1]


def in_other_case(client: Client) -> str:
    return client.mint_code().swapcase()


@pytest.mark.requirement("COD-09")
@pytest.mark.parametrize(
    "make",
    [
        lambda client: secrets.new_code(),
        lambda client: "no such code: \N{SNOWMAN}",
        lambda client: " ",
        lambda client: "c" * 4096,
        *[a_refresh_token, an_access_token, cut, in_other_case],
    ],
    ids=["unknown", "malformed", "space", "4 KiB", "refresh token", "access token", "cut", "other case"],
)
def test_s5_2_a_code_that_is_none(client: Client, make: Callable[[Client], str]) -> None:
    reply = client.exchange(make(client))

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("COD-09")
@pytest.mark.requirement("COD-02")
@pytest.mark.parametrize("missing", ["code", "redirect_uri", "code_verifier"])
@pytest.mark.parametrize("how", ["empty", "absent"])
def test_s4_1_3_a_parameter_is_missing(client: Client, missing: str, how: str) -> None:
    code = client.mint_code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    form |= {"code_verifier": VERIFIER, missing: ""}

    reply = client.send("token", {name: value for name, value in form.items() if value or how == "empty"})

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(client.exchange(code).json()["access_token"])


def test_s5_2_a_client_that_is_not_registered_for_codes(tenant: Tenant) -> None:
    client = tenant.new_client(grant_types=["client_credentials", "refresh_token"])

    reply = client.exchange(client.mint_code())

    assert (reply.status_code, error_of(reply)) == (400, "unauthorized_client")


def test_s3_3_a_scope_that_the_client_lost_meanwhile_is_not_given(client: Client) -> None:
    authority, record = client.tenant.server.authority, client.tenant.record
    code, other = client.mint_code(scope=("read", "write")), client.mint_code(scope=("write",))

    clients.update(authority, record, client.client_id, scope="read")
    given = client.exchange(code).json()
    refused = client.exchange(other)
    clients.update(authority, record, client.client_id, scope="read write")

    assert given["scope"] == "read"
    assert client.refresh(given["refresh_token"]).json()["scope"] == "read"
    assert error_of(refused) == "invalid_grant"
    # Nothing has been used up.
    assert client.exchange(other).json()["scope"] == "write"


def test_oidc_s11_what_may_not_outlive_its_session_any_more_does_not(tenant: Tenant) -> None:
    client = tenant.new_client(scope="read offline_access")
    sid = tenant.new_session("alice")
    code = client.mint_code(scope=("read", "offline_access"), session_sid=sid)

    clients.update(tenant.server.authority, tenant.record, client.client_id, scope="read")
    given = client.exchange(code).json()
    before = client.is_active(given["refresh_token"])
    revoke(tenant.server.authority, selectors.Session(tenant.name, sid), Cause("logout", "test"))

    assert (before, client.is_active(given["refresh_token"])) == (True, False)


@pytest.mark.requirement("AZ-18")
def test_s10_10_codes_are_random_and_need_no_encoding(client: Client) -> None:
    codes = {client.mint_code() for _ in range(20)}

    assert len(codes) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{42,254}", code) for code in codes)
    # Of 32 random bytes hardly any two codes have more than a few letters in the same place.
    assert all(len({code[place] for code in codes}) > 3 for place in range(5, 45))


@pytest.mark.requirement("REV-36")
def test_rfc7009_s2_1_a_code_is_no_token_to_revoke(client: Client) -> None:
    code = client.mint_code()

    reply = client.revoke(code)

    assert (reply.status_code, reply.content) == (200, b"")
    assert client.is_active(client.exchange(code).json()["access_token"])
