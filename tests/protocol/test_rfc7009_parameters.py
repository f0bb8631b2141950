"""RFC 7009 section 2.1 and RFC 6749 section 3.2: the parameters of a revocation, and what is not one."""

import pytest

from tests.protocol.raw_requests import form, pair, request
from tests.servers import FORM, Client, error_of

HINTS = ["access_token", "refresh_token", "id_token", "urn:x", "", "access_token refresh_token"]
HINT_IDS = ["access token", "refresh token", "id token", "urn", "empty", "two words"]


@pytest.mark.requirement("REV-11")
@pytest.mark.requirement("REV-12")
@pytest.mark.parametrize(
    "body",
    ["", "token=", "token", "Token=x", "token_type_hint=access_token"],
    ids=lambda body: body or "none",
)
def test_s2_1_a_missing_or_empty_token_is_an_invalid_request(client: Client, body: str) -> None:
    reply = request(client.tenant, "revoke", body, authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")


@pytest.mark.requirement("REV-15")
@pytest.mark.requirement("REV-16")
@pytest.mark.requirement("REV-17")
@pytest.mark.parametrize("hint", HINTS, ids=HINT_IDS)
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_s2_1_a_hint_never_keeps_a_token_alive(client: Client, which: int, hint: str) -> None:
    token = pair(client)[which]
    assert client.is_active(token)

    reply = client.revoke(token, token_type_hint=hint)

    assert reply.status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-37")
@pytest.mark.parametrize("hint", HINTS, ids=HINT_IDS)
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_s2_1_a_hint_never_widens_rights(client: Client, mallory: Client, which: int, hint: str) -> None:
    token = pair(client)[which]

    reply = mallory.revoke(token, token_type_hint=hint)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert client.is_active(token)


@pytest.mark.requirement("REV-18")
@pytest.mark.parametrize(
    "extra",
    [
        "token_type=access_token",
        "token_type=a&token_type=b",
        "grant_type=refresh_token&grant_type=x",
        "%F0%9F%92%A9=1",
        "=nameless",
        "&&",
    ],
    ids=["token_type", "twice", "of another endpoint", "emoji", "nameless", "nothing"],
)
def test_s3_2_parameters_that_are_not_recognised_are_ignored(client: Client, extra: str) -> None:
    token = client.access_token()

    reply = request(client.tenant, "revoke", f"{extra}&token={token}", authorization=client.basic)

    assert reply.status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-19")
@pytest.mark.parametrize("second", ["same", "other", ""], ids=["same value", "other value", "empty value"])
@pytest.mark.parametrize("name", ["token", "token_type_hint", "client_id", "client_secret"])
def test_s3_2_a_recognised_parameter_comes_once(client: Client, name: str, second: str) -> None:
    token = client.access_token()
    once = {"token": token, "token_type_hint": "access_token", "client_id": client.client_id}
    once |= {"client_secret": str(client.secret)}
    again = {"same": once[name]}.get(second, second)

    reply = request(client.tenant, "revoke", form(*once.items(), (name, again)))

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(token)


@pytest.mark.requirement("REV-20")
@pytest.mark.parametrize("has_body", [True, False], ids=["and in the body", "alone"])
@pytest.mark.parametrize("name", ["token", "tok%65n", "x=1&token", "token_type_hint=x&token"])
def test_s2_3_1_a_token_in_the_query_is_refused(client: Client, name: str, has_body: bool) -> None:
    token = client.access_token()
    body = f"token={token}" * has_body

    reply = request(client.tenant, "revoke", body, query=f"{name}={token}", authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(token)


@pytest.mark.requirement("REV-21")
@pytest.mark.parametrize(
    "query",
    [
        "client_id={id}&client_secret={secret}",
        "client_secret={secret}",
        "client_assertion=a.b.c&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ],
    ids=["id and secret", "secret", "assertion"],
)
def test_s2_3_1_a_credential_in_the_query_is_refused(client: Client, query: str) -> None:
    token = client.access_token()
    query = query.format(id=client.client_id, secret=client.secret)

    reply = request(
        client.tenant, "revoke", form(("token", token), ("client_id", client.client_id)), query=query
    )

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(token)


@pytest.mark.requirement("REV-23")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{{"token": "{token}"}}'),
        ("application/json", "token={token}"),
        (
            "multipart/form-data; boundary=x",
            '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n--x--',
        ),
        ("text/plain", "token={token}"),
        (None, "token={token}"),
        ("", "token={token}"),
        (f"{FORM}x", "token={token}"),
        (f"text/plain; {FORM}", "token={token}"),
    ],
    ids=["JSON", "called JSON", "multipart", "text", "none", "empty", "longer name", "only a parameter"],
)
def test_s2_1_a_body_of_another_media_type_is_an_invalid_request(
    client: Client, content_type: str | None, body: str
) -> None:
    token = client.access_token()
    body = body.format(token=token)

    reply = request(client.tenant, "revoke", body, content_type=content_type, authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(token)


@pytest.mark.requirement("REV-24")
@pytest.mark.parametrize(
    "content_type",
    [
        "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded;charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "application/x-www-form-urlencoded ; x=y",
    ],
)
def test_a_media_type_is_compared_without_case_and_parameters(client: Client, content_type: str) -> None:
    token = client.access_token()

    reply = request(
        client.tenant, "revoke", f"token={token}", content_type=content_type, authorization=client.basic
    )

    assert reply.status_code == 200
    assert not client.is_active(token)
