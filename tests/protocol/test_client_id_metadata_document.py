"""Client ids that are URLs: what a document may say, and for how long it is good (WG draft, MCP)."""

import json
from typing import Any

import pytest

from rescind.domain.fetching import Fetched
from rescind.errors import DocumentRefused
from rescind.protocol.client_id_metadata_document import is_document_url, read, relied_on_seconds
from tests.protocol.assertions import KEYS
from tests.servers import CALLBACK

CLIENT_ID = "https://a.example/client.json"
WITH_KEYS = {"token_endpoint_auth_method": "private_key_jwt"}


def fetched(**changes: Any) -> Fetched:
    """Make a document of a public client; `...` leaves a member out."""
    members = {"client_id": CLIENT_ID, "redirect_uris": [CALLBACK], **changes}
    return Fetched(json.dumps({name: each for name, each in members.items() if each is not ...}).encode(), {})


@pytest.mark.requirement("CIM-01")
@pytest.mark.parametrize(
    "url",
    [
        *("http://a.example/c", "https://a.example", "https://a.example/c#f", "https://u:p@a.example/c"),
        *("https://a.example/x/../c", "https://a.example/%2E%2e/c", "https://A.example/c"),
        *("https://a.example:443/c", "https://127.0.0.1/c", "https://0x7f.1/c", "https://[::1]/c"),
        *("https://a.example./c", "https://a.example\\@b.example/c", "https://a.example/%zz"),
    ],
)
def test_s3_what_is_no_url_of_a_document_in_one_way_only_is_none(url: str) -> None:
    assert not is_document_url(url)


@pytest.mark.requirement("CIM-01")
@pytest.mark.parametrize("url", ["https://a.example/c.json", "https://localhost:8443/.well-known/c?v=1"])
def test_s3_an_https_url_with_a_path_is_one(url: str) -> None:
    assert is_document_url(url)


@pytest.mark.requirement("CIM-01")
@pytest.mark.requirement("CIM-02")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": f"{CLIENT_ID}/"},
        {"client_id": ...},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"client_secret": "everybody can read it"},
        WITH_KEYS,
        {**WITH_KEYS, "jwks": {"keys": [KEYS["ES256"].as_dict(private=True)]}},
        {**WITH_KEYS, "jwks_uri": "http://a.example/keys"},
        {"redirect_uris": []},
        {"redirect_uris": ["http://elsewhere.example/"]},
        {"grant_types": ["client_credentials"]},
        {"response_types": ["token"]},
    ],
    ids=[
        *("another id", "no id", "basic", "secret jwt", "a secret", "no keys", "private keys"),
        *("keys without TLS", "no uri", "no TLS", "no codes", "another response"),
    ],
)
def test_s4_a_document_that_can_not_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentRefused):
        read(CLIENT_ID, fetched(**changes))


@pytest.mark.requirement("CIM-04")
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 3600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "no-store"}, 60),
        ({"cache-control": "max-age=99999999"}, 86_400),
        (
            {"date": "Wed, 21 Oct 2026 07:00:00 GMT", "expires": "Wed, 21 Oct 2026 07:05:00 GMT"},
            300,
        ),
        ({"expires": "0"}, 60),
    ],
    ids=["nothing said", "with an age", "not to be kept", "too long", "expires", "expired"],
)
def test_s6_it_is_kept_as_its_headers_say_between_a_minute_and_a_day(
    headers: dict[str, str], seconds: int
) -> None:
    assert relied_on_seconds(headers) == seconds


@pytest.mark.parametrize(
    "body", [b'{"client_id": 1, "client_id": 2}', b"[" * 100_000, b"[]", b"\xff", b"{}x"]
)
def test_a_document_that_can_be_read_in_two_ways_is_none(body: bytes) -> None:
    with pytest.raises(DocumentRefused):
        read(CLIENT_ID, Fetched(body, {}))


@pytest.mark.parametrize(
    "value", [1, [], {}, None, True, ["a", 1, {}], {"keys": 5}, "\x00", "[" * 99], ids=repr
)
@pytest.mark.parametrize(
    "member",
    [
        *("client_name", "token_endpoint_auth_method", "jwks", "jwks_uri", "redirect_uris", "grant_types"),
        *("response_types", "scope", "logo_uri", "client_uri", "contacts", "software_statement"),
    ],
)
def test_a_member_of_any_kind_is_passed_over_or_refused(member: str, value: Any) -> None:
    try:
        document = read(CLIENT_ID, fetched(**{**WITH_KEYS, "jwks_uri": CLIENT_ID, member: value}))
    except DocumentRefused:
        return
    assert document.values["redirect_uris"] == (CALLBACK,)
