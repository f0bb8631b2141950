"""Clients that are described by a document: what is remembered of it, and what a newer one ends."""

import json
from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.registry import documents, tenants
from rescind.domain.registry.document_memory import MOST_KEPT, MOST_OF_HOST, DocumentMemory, Failure
from rescind.domain.registry.documents import Document
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.errors import DocumentRefused
from tests.protocol.assertions import KEYS, key_set
from tests.servers import Client, Server, Tenant

NOW = 1_900_000_000
CLIENT_ID = "https://app.example/client.json"
ES256, EDDSA = KEYS["ES256"], KEYS["EdDSA"]


def document(*keys: Any, **values: Any) -> Document:
    given = {
        "name": "App",
        "auth_method": "private_key_jwt",
        "jwks": key_set(*keys),
        "grant_types": ("authorization_code", "refresh_token"),
        "redirect_uris": ("https://app.example/back",),
        **values,
    }
    return Document(CLIENT_ID, json.dumps({}), False, given, None, 60)


def write(tenant: Tenant, described: Document, since: int) -> Client:
    authority = tenant.server.authority
    unwritten = documents.unwritten(described, ("notes",))
    client = documents.write(
        authority, tenants.get(authority, tenant.name), described, unwritten, since=since
    )
    return Client(tenant, client.client_id, None)


@pytest.mark.parametrize(
    ("newer", "goes_on"),
    [
        (document(ES256, EDDSA), True),
        (document(ES256, EDDSA, name="Another", redirect_uris=("https://app.example/back", "a.b:/")), True),
        (document(ES256), False),
        (document(ES256, EDDSA, redirect_uris=("https://app.example/new",)), False),
    ],
    ids=["the same", "more of it", "a key less", "a redirect URI less"],
)
def test_what_a_newer_document_drops_ends_all_of_the_client(
    server: Server, tenant: Tenant, resource_server: Client, newer: Document, goes_on: bool
) -> None:
    clock.set(NOW)
    client = write(tenant, document(ES256, EDDSA), NOW)
    token = client.issue().access_token
    clock.set(NOW + 60)

    documents.renew(server.authority, tenants.get(server.authority, tenant.name), newer, ("notes",))

    assert resource_server.is_active(token) == goes_on


def test_what_another_has_just_renewed_is_left_as_it_is(server: Server, tenant: Tenant) -> None:
    clock.set(NOW)
    write(tenant, document(ES256, EDDSA), NOW)

    done = documents.renew(
        server.authority, tenants.get(server.authority, tenant.name), document(ES256), ("notes",)
    )

    assert done is None


def test_a_request_that_began_before_all_was_ended_gives_no_row(server: Server, tenant: Tenant) -> None:
    clock.set(NOW)
    write(tenant, document(ES256), NOW)
    cause = Cause(OPERATOR, "cli:test")
    revocation.revoke(server.authority, selectors.Client(tenant.name, CLIENT_ID), cause)

    with pytest.raises(DocumentRefused):
        write(tenant, document(ES256), NOW)

    clock.set(NOW + 1)
    assert write(tenant, document(ES256), NOW + 1).client_id == CLIENT_ID


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    memory = DocumentMemory()

    for number in range(MOST_KEPT):
        memory.keep(f"https://one.example/{number}", Failure(None), NOW)
        memory.keep(f"https://host-{number}.example/", Failure(None), NOW)

    of_one = [memory.find(f"https://one.example/{number}", 0) for number in range(MOST_KEPT)]
    of_all = [memory.find(f"https://host-{number}.example/", 0) for number in range(MOST_KEPT)]
    assert MOST_KEPT - len([each for each in of_one + of_all if each]) == 0
    assert len([each for each in of_one if each]) == MOST_OF_HOST


def test_what_is_remembered_is_good_for_what_is_left() -> None:
    memory = DocumentMemory()
    memory.keep(CLIENT_ID, document(ES256), NOW + 60)

    found = memory.find(CLIENT_ID, NOW + 50)

    assert isinstance(found, Document)
    assert found.relied_on_seconds == 10
    assert memory.find(CLIENT_ID, NOW + 60) is None
