"""Client authentication, RFC 6749 section 2.3, at every endpoint that has it: what is refused."""

from collections.abc import Callable

import pytest

from tests.protocol.raw_requests import SIMPLEST, basic, form, raw_basic, request
from tests.servers import Client, Tenant, error_of

ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)
ASSERTION = "client_assertion=a.b.c&client_assertion_type=" + (
    "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
)
Credentials = Callable[[Client], tuple[str, str]]
WRONG: dict[str, Credentials] = {
    "wrong secret": lambda client: (client.client_id, "wrong"),
    "empty secret": lambda client: (client.client_id, ""),
    "secret with a space behind": lambda client: (client.client_id, f"{client.secret} "),
    "secret in other case": lambda client: (client.client_id, str(client.secret).swapcase()),
    "unknown id": lambda client: ("nobody", str(client.secret)),
    "id in other case": lambda client: (client.client_id.swapcase(), str(client.secret)),
    "empty id": lambda client: ("", str(client.secret)),
    "NUL in the id": lambda client: (f"{client.client_id}\0", str(client.secret)),
    "NUL in the secret": lambda client: (client.client_id, f"{client.secret}\0"),
    "emoji": lambda client: ("💩", "💩"),
}
PRINTABLE = {name: wrong for name, wrong in WRONG.items() if "NUL" not in name}


@pytest.mark.requirement("AUT-04")
@pytest.mark.requirement("AUT-13")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@ENDPOINTS
def test_rfc6749_s2_3_1_wrong_credentials_in_basic(client: Client, endpoint: str, wrong: Credentials) -> None:
    authorization = basic(*wrong(client))

    reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=authorization)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("AUT-04")
@pytest.mark.parametrize("wrong", PRINTABLE.values(), ids=PRINTABLE)
@ENDPOINTS
def test_rfc6749_s2_3_1_wrong_credentials_in_the_body(
    client: Client, endpoint: str, wrong: Credentials
) -> None:
    client_id, secret = wrong(client)
    credentials = form(("client_id", client_id), ("client_secret", secret))

    reply = request(client.tenant, endpoint, f"{SIMPLEST[endpoint]}&{credentials}")

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("AUT-13")
@pytest.mark.parametrize("bytes_", ["%00", "%FF", "a%C3", "%ED%A0%80"], ids=["NUL", "FF", "cut", "surrogate"])
@pytest.mark.parametrize("name", ["client_id", "client_secret"])
@ENDPOINTS
def test_bytes_that_are_no_text_in_the_body_are_refused(
    client: Client, endpoint: str, name: str, bytes_: str
) -> None:
    credentials = {"client_id": client.client_id, "client_secret": str(client.secret)} | {name: bytes_}
    body = "&".join([SIMPLEST[endpoint], *(f"{key}={value}" for key, value in credentials.items())])

    reply = request(client.tenant, endpoint, body)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")


@pytest.mark.requirement("AUT-05")
@pytest.mark.requirement("AUT-13")
@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "",
        " ",
        "Basic ???",
        "Basic =",
        "Basic YQ",
        raw_basic(b""),
        raw_basic(b":"),
        raw_basic(b"no-colon"),
        raw_basic(b"\xff\xfe:\xff"),
        raw_basic(b"%FF:%FF"),
        raw_basic(b"a:%C3"),
        raw_basic(b"\0:\0"),
        raw_basic(b"a" * 30_000 + b":b"),
        "Basic " + "A" * 30_001,
    ],
    ids=[
        *[
            "scheme alone",
            "nothing encoded",
            "empty header",
            "space",
            "no base64",
            "padding alone",
            "cut base64",
        ],
        *[
            "empty pair",
            "colon alone",
            "no colon",
            "no UTF-8",
            "percent-encoded, no UTF-8",
            "cut UTF-8",
            "NUL",
        ],
        *["huge", "huge and cut"],
    ],
)
@ENDPOINTS
def test_rfc7617_s2_a_malformed_header_is_refused(client: Client, endpoint: str, authorization: str) -> None:
    reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=authorization)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("AUT-12")
@pytest.mark.parametrize("scheme", ["Bearer", "Digest", "Negotiate", "Basic2", "Basi"])
@ENDPOINTS
def test_rfc6749_s2_3_another_scheme_is_no_client_authentication(
    client: Client, endpoint: str, scheme: str
) -> None:
    authorization = client.basic.replace("Basic", scheme)

    reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=authorization)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("AUT-12")
def test_a_token_is_no_client_authentication(client: Client) -> None:
    token = client.access_token()

    reply = request(client.tenant, "revoke", f"token={token}", authorization=f"Bearer {token}")

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert client.is_active(token)


@pytest.mark.requirement("AUT-12")
def test_another_scheme_does_not_make_room_for_a_public_client(
    public_client: Client, resource_server: Client
) -> None:
    token = public_client.issue().access_token

    reply = request(
        public_client.tenant,
        "revoke",
        form(("token", token), ("client_id", public_client.client_id)),
        authorization=f"Bearer {token}",
    )

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("AUT-08")
@pytest.mark.parametrize(
    "second",
    [
        "client_secret={secret}",
        "client_id={id}&client_secret={secret}",
        ASSERTION,
        "client_assertion=a.b.c",
        "client_id={id}&client_secret={secret}&" + ASSERTION,
    ],
    ids=["secret", "id and secret", "assertion", "half an assertion", "secret and assertion"],
)
@ENDPOINTS
def test_rfc6749_s2_3_basic_and_a_second_method_are_refused(
    client: Client, endpoint: str, second: str
) -> None:
    body = f"{SIMPLEST[endpoint]}&{second.format(id=client.client_id, secret=client.secret)}"

    reply = request(client.tenant, endpoint, body, authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")


@pytest.mark.requirement("AUT-08")
@ENDPOINTS
def test_rfc6749_s2_3_a_secret_and_an_assertion_are_refused(client: Client, endpoint: str) -> None:
    credentials = form(("client_id", client.client_id), ("client_secret", str(client.secret)))

    reply = request(client.tenant, endpoint, f"{SIMPLEST[endpoint]}&{credentials}&{ASSERTION}")

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")


@pytest.mark.requirement("AUT-08")
def test_rfc6749_s2_3_two_methods_in_one_request_revoke_nothing(client: Client) -> None:
    token = client.access_token()

    reply = client.revoke(token, client_secret=str(client.secret))

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(token)


@pytest.mark.requirement("AUT-10")
@pytest.mark.parametrize("other", ["nobody", "{id}x", "{mallory}"], ids=["unknown", "longer", "known"])
def test_basic_and_another_client_id_in_the_body_are_refused(
    client: Client, mallory: Client, other: str
) -> None:
    token = client.access_token()

    reply = client.revoke(token, client_id=other.format(id=client.client_id, mallory=mallory.client_id))

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(token)


@pytest.mark.requirement("AUT-10")
def test_the_client_id_in_the_body_does_not_make_another_client_of_the_caller(
    client: Client, mallory: Client
) -> None:
    token = client.access_token()

    reply = mallory.revoke(token, client_id=client.client_id)

    assert reply.status_code == 400
    assert client.is_active(token)


@pytest.mark.requirement("AUT-11")
@pytest.mark.parametrize("endpoint", SIMPLEST)
def test_rfc7591_s2_a_client_that_is_pinned_to_post_may_not_use_basic(tenant: Tenant, endpoint: str) -> None:
    client = tenant.new_client(auth_method="client_secret_post")

    reply = request(tenant, endpoint, SIMPLEST[endpoint], authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("AUT-11")
@pytest.mark.parametrize("endpoint", SIMPLEST)
def test_rfc7591_s2_a_client_that_is_pinned_to_basic_may_not_use_post(tenant: Tenant, endpoint: str) -> None:
    client = tenant.new_client(auth_method="client_secret_basic")
    credentials = form(("client_id", client.client_id), ("client_secret", str(client.secret)))

    reply = request(tenant, endpoint, f"{SIMPLEST[endpoint]}&{credentials}")

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
