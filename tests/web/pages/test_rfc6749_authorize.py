"""RFC 6749 section 4.1, with RFC 7636, RFC 8252, RFC 9207 and RFC 9700: the authorization request."""

from urllib.parse import urlencode

import pytest

from tests.servers import CALLBACK, Client, Tenant
from tests.web.pages.asking import STATE, address_of, allowed, ask, request, tokens_of
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import new_client


@pytest.mark.requirement("AZ-01")
@pytest.mark.requirement("AZ-14")
def test_s4_1_2_whoever_allows_it_comes_back_with_a_code_and_the_state(
    browser: Browser, client: Client, alice: str
) -> None:
    consent = browser.sign_in(ask(browser, client))

    page = browser.send(consent.form("/consent"), "allow")

    assert page.status == 303
    assert page.left_for.startswith(f"{CALLBACK}?code=")
    assert page.answer["state"] == STATE
    assert tokens_of(client, page)["scope"] == "openid notes"


@pytest.mark.requirement("AZ-01")
def test_s4_1_2_a_query_of_the_redirect_uri_stays_and_no_state_is_made_up(
    alices: Browser, tenant: Tenant
) -> None:
    client = new_client(tenant, redirect_uris=[f"{CALLBACK}?tab=%2F1"])

    page = allowed(alices, client, redirect_uri=f"{CALLBACK}?tab=%2F1", state=None)

    assert page.left_for.startswith(f"{CALLBACK}?tab=%2F1&code=")
    assert list(page.answer) == ["tab", "code", "iss"]


@pytest.mark.requirement("AZ-01")
def test_s4_1_2_a_state_comes_back_no_longer_than_it_was_sent(alices: Browser, client: Client) -> None:
    state = ":/?@-._~" * 100

    page = allowed(alices, client, state=state)

    assert f"&state={state}&" in page.left_for


@pytest.mark.requirement("AZ-01")
@pytest.mark.parametrize(
    "redirect_uri", ["com.example.notes:/cb", "com.example.notes:///cb", "com.example.notes://cb?x=1"]
)
def test_s4_1_2_an_address_of_an_app_is_kept_to_the_letter(
    alices: Browser, tenant: Tenant, redirect_uri: str
) -> None:
    client = new_client(tenant, redirect_uris=[redirect_uri])

    page = allowed(alices, client, redirect_uri=redirect_uri)

    assert page.left_for.startswith(redirect_uri)
    assert "code" in page.answer


@pytest.mark.requirement("AZ-01")
def test_s3_1_a_request_may_be_posted(alices: Browser, client: Client) -> None:
    page = alices.post(address_of(client.tenant), request(client))

    answer = alices.send(page.form("/consent"), "allow").answer
    assert answer["state"] == STATE


@pytest.mark.requirement("AZ-02")
@pytest.mark.parametrize("button", ["allow", "deny"])
def test_9207_s2_every_answer_names_the_issuer(alices: Browser, client: Client, button: str) -> None:
    page = ask(alices, client)

    answer = alices.send(page.form("/consent"), button).answer

    assert answer["iss"] == client.tenant.issuer


@pytest.mark.requirement("AZ-03")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "no such'); id"},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/callback"},
    ],
    ids=["unknown client", "no client", "impossible client", "no redirect URI", "another's redirect URI"],
)
def test_s4_1_2_1_what_cannot_be_trusted_is_shown(
    alices: Browser, client: Client, changes: dict[str, str | None]
) -> None:
    page = ask(alices, client, **changes)

    assert page.status == 400
    assert page.left_for == ""
    assert "<h1>" in page.text
    assert "evil.example" not in page.text


@pytest.mark.requirement("AZ-03")
@pytest.mark.requirement("AZ-04")
@pytest.mark.parametrize(
    "redirect_uri",
    [
        f"{CALLBACK}/",
        f"{CALLBACK}?x=1",
        f"{CALLBACK}#x",
        f"{CALLBACK}%2f..",
        "https://client.example:8443/callback",
        "https://client.example:443/callback",
        "https://client.example.evil.example/callback",
        "https://client.example@evil.example/callback",
        "https://CLIENT.example/callback",
        "https://client.example/Callback",
        "http://client.example/callback",
        "//client.example/callback",
        "javascript:alert(1)",
        f"{CALLBACK}\n",
    ],
)
def test_9700_s2_1_a_redirect_uri_is_compared_to_the_letter(
    alices: Browser, client: Client, redirect_uri: str
) -> None:
    page = ask(alices, client, redirect_uri=redirect_uri)

    assert page.status == 400
    assert page.left_for == ""


@pytest.mark.requirement("AZ-04")
@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb?x=1", "http://[::1]:4000/cb?x=1"),
    ],
    ids=["a port", "no port", "IPv6"],
)
def test_8252_s7_3_at_the_loopback_address_the_port_is_free(
    alices: Browser, tenant: Tenant, registered: str, asked: str
) -> None:
    client = new_client(tenant, redirect_uris=[registered])

    page = allowed(alices, client, redirect_uri=asked)

    assert page.left_for.startswith(asked)
    assert client.exchange(page.answer["code"], redirect_uri=asked).status_code == 200


@pytest.mark.requirement("AZ-04")
@pytest.mark.parametrize(
    ("options", "registered", "asked"),
    [
        ({}, "http://localhost:80/cb", "http://localhost:81/cb"),
        ({}, "http://127.0.0.1/cb", "http://127.0.0.1:80/other"),
        ({}, "http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"),
        ({}, "http://127.0.0.1/cb", "http://127.0.0.1:80/cb#x"),
        ({}, "http://127.0.0.1/cb", "http://[::1]:80/cb"),
        ({"is_public": False}, "http://127.0.0.1/cb", "http://127.0.0.1:80/cb"),
    ],
    ids=["a name", "another path", "user information", "a fragment", "another address", "no native client"],
)
def test_8252_s7_3_nothing_else_is_free(
    alices: Browser, tenant: Tenant, options: dict[str, bool], registered: str, asked: str
) -> None:
    client = new_client(tenant, redirect_uris=[registered], **options)

    page = ask(alices, client, redirect_uri=asked)

    assert page.status == 400
    assert page.left_for == ""


@pytest.mark.requirement("AZ-05")
@pytest.mark.requirement("AZ-06")
@pytest.mark.requirement("AZ-10")
@pytest.mark.requirement("AZ-11")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "a  b"}, "invalid_scope"),
        ({"scope": 'no"tes'}, "invalid_scope"),
        ({"scope": "vendor other"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"code_challenge": "=" * 43}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"nonce": "n" * 1001}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://client.example/request"}, "request_uri_not_supported"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value)[1:50],
)
def test_s4_1_2_1_every_other_error_goes_to_the_client(
    alices: Browser, client: Client, changes: dict[str, str | None], error: str
) -> None:
    page = ask(alices, client, **changes)

    assert page.left_for.startswith(f"{CALLBACK}?error={error}&")
    assert page.answer["state"] == STATE
    assert page.answer["iss"] == client.tenant.issuer
    assert "code" not in page.answer


@pytest.mark.requirement("AZ-05")
def test_s4_1_2_1_a_client_that_is_not_registered_for_codes_is_told(alices: Browser, tenant: Tenant) -> None:
    client = new_client(tenant, grant_types=["refresh_token"])

    page = ask(alices, client)

    assert page.answer["error"] == "unauthorized_client"


@pytest.mark.requirement("AZ-05")
def test_s3_3_scopes_that_the_client_does_not_have_are_dropped(alices: Browser, client: Client) -> None:
    page = allowed(alices, client, scope="openid internal_login notes")

    assert tokens_of(client, page)["scope"] == "openid notes"


@pytest.mark.requirement("AZ-05")
def test_s3_3_without_a_scope_it_is_all_that_ends_with_the_session(alices: Browser, client: Client) -> None:
    page = allowed(alices, client, scope=None)

    assert tokens_of(client, page)["scope"] == "openid notes"


@pytest.mark.requirement("AZ-07")
@pytest.mark.parametrize("name", ["state", "scope", "code_challenge", "response_type", "nonce"])
def test_s3_1_a_doubled_parameter_is_an_error_for_the_client(
    alices: Browser, client: Client, name: str
) -> None:
    pairs = [*request(client, nonce="n").items(), (name, "again")]

    page = alices.open(f"{address_of(client.tenant)}?{urlencode(pairs)}")

    assert page.answer["error"] == "invalid_request"


@pytest.mark.requirement("AZ-07")
@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_s3_1_a_doubled_parameter_of_trust_is_shown(alices: Browser, client: Client, name: str) -> None:
    pairs = [*request(client).items(), (name, request(client)[name])]

    page = alices.open(f"{address_of(client.tenant)}?{urlencode(pairs)}")

    assert page.status == 400
    assert page.left_for == ""


@pytest.mark.requirement("AZ-07")
@pytest.mark.parametrize(
    "query", ["client_id=%FF", "client_id=%00", "a=1&" * 200], ids=["bytes", "NUL", "many"]
)
def test_s3_1_a_malformed_address_is_shown(alices: Browser, tenant: Tenant, query: str) -> None:
    page = alices.open(f"{address_of(tenant)}?{query}")

    assert page.status == 400
    assert "malformed" in page.text
