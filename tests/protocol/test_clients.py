"""Client authentication, RFC 6749 section 2.3, at every endpoint that has it: what is accepted."""

import re

import pytest

from tests.protocol.raw_requests import SIMPLEST, basic, form, raw_basic, request
from tests.servers import Client, Tenant

RESERVED = [":", "+", "%", "%41", "/", "&", "=", " ", "a:b+c%d/e&f=g h", "~!@#$^*()[]{}<>?\\|'\";,`"]
# At both ends, as they may get lost there; a secret has 32 characters.
SECRETS = [f"{each}0123456789abcdef0123456789abcdef{each}" for each in RESERVED]
ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)


def percent_encoded(text: str) -> str:
    """Encode every character, also those that need not be."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.requirement("AUT-01")
@ENDPOINTS
def test_rfc6749_s2_3_1_basic_is_accepted(client: Client, endpoint: str) -> None:
    authorization = basic(client.client_id, str(client.secret))

    reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=authorization)

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-02")
@pytest.mark.parametrize("secret", SECRETS, ids=RESERVED)
def test_rfc6749_s2_3_1_a_secret_of_reserved_characters_comes_form_encoded_in_basic(
    tenant: Tenant, secret: str
) -> None:
    client = tenant.new_client(secret=secret)

    reply = request(
        tenant, "introspect", SIMPLEST["introspect"], authorization=basic(client.client_id, secret)
    )

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-02")
@pytest.mark.parametrize("secret", SECRETS, ids=RESERVED)
def test_rfc6749_s2_3_1_a_secret_of_reserved_characters_comes_form_encoded_in_the_body(
    tenant: Tenant, secret: str
) -> None:
    client = tenant.new_client(secret=secret)
    body = form(("token", "unknown"), ("client_id", client.client_id), ("client_secret", secret))

    reply = request(tenant, "introspect", body)

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-02")
def test_rfc6749_appendix_b_a_space_may_come_as_a_plus(tenant: Tenant) -> None:
    client = tenant.new_client(secret="two words of a client, and two more")
    authorization = raw_basic(f"{client.client_id}:two+words+of+a+client,+and+two+more".encode())

    reply = request(tenant, "introspect", SIMPLEST["introspect"], authorization=authorization)

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-02")
@ENDPOINTS
def test_rfc6749_appendix_b_what_needs_no_encoding_may_come_encoded(client: Client, endpoint: str) -> None:
    pair = f"{percent_encoded(client.client_id)}:{percent_encoded(str(client.secret))}"

    reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=raw_basic(pair.encode()))

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-03")
def test_what_is_generated_needs_no_encoding_and_is_no_option(tenant: Tenant) -> None:
    made = [tenant.new_client() for _ in range(20)]

    strings = [*(client.client_id for client in made), *(str(client.secret) for client in made)]
    assert [text for text in strings if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]*", text)] == []
    assert len(set(strings)) == 40


@pytest.mark.requirement("AUT-06")
@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
@ENDPOINTS
def test_rfc9110_s11_1_the_scheme_is_compared_without_case(
    client: Client, endpoint: str, scheme: str
) -> None:
    authorization = client.basic.replace("Basic", scheme)

    reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=authorization)

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-07")
@pytest.mark.parametrize("method", [None, "client_secret_post"], ids=["not pinned", "pinned"])
@ENDPOINTS
def test_rfc6749_s2_3_1_id_and_secret_in_the_body_are_accepted(
    tenant: Tenant, endpoint: str, method: str | None
) -> None:
    client = tenant.new_client(auth_method=method)
    credentials = form(("client_id", client.client_id), ("client_secret", str(client.secret)))

    reply = request(tenant, endpoint, f"{SIMPLEST[endpoint]}&{credentials}")

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-09")
@ENDPOINTS
def test_rfc6749_s2_3_basic_and_the_same_client_id_in_the_body_are_one_method(
    client: Client, endpoint: str
) -> None:
    body = f"{SIMPLEST[endpoint]}&client_id={client.client_id}"

    reply = request(client.tenant, endpoint, body, authorization=client.basic)

    assert reply.status_code == 200


@pytest.mark.requirement("AUT-09")
@ENDPOINTS
def test_rfc6749_s3_2_an_empty_secret_in_the_body_beside_basic_counts_as_omitted(
    client: Client, endpoint: str
) -> None:
    body = f"{SIMPLEST[endpoint]}&client_id=&client_secret="

    reply = request(client.tenant, endpoint, body, authorization=client.basic)

    assert reply.status_code == 200
