"""Workers of the version before and of this one on one store, while an upgrade is not finished."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from rescind.domain.purging import purge
from rescind.domain.registry import tenants
from rescind.domain.revoking.access import disconnect
from rescind.domain.revoking.causes import Cause
from rescind.errors import Refused
from rescind.store import migrating
from rescind.store.activity import TENANT_ID
from rescind.store.statements import plain
from rescind.store.tables import authorization_codes as codes
from tests.patience import wait_until
from tests.receivers import Receiver
from tests.servers import error_of
from tests.upgrading.conftest import TENANT, Mixed

makers = pytest.mark.parametrize("maker", ["before", "this"])


def given(reply: httpx.Response) -> dict[str, Any]:
    """Give the tokens of an answer that has some."""
    assert reply.status_code == 200, reply.text
    tokens: dict[str, Any] = reply.json()
    return tokens


def test_the_store_is_usable_by_both_and_has_what_it_should_have(mixed: Mixed) -> None:
    store = mixed.older.authority.store

    assert migrating.state(migrating.current(store)) == "expanded"
    assert migrating.differences(store) == []
    assert not store.is_settled
    for client in mixed.both:
        with client.tenant.server.http() as http:
            assert http.get("/readyz").status_code == 200


def test_clients_by_documents_wait_for_the_end_of_the_upgrade(mixed: Mixed) -> None:
    tenant = mixed.this.tenant.record

    with pytest.raises(Refused, match="the upgrade of the store is not finished"):
        tenants.update(mixed.older.authority, tenant, {"client_metadata_documents": True})


@makers
def test_what_one_has_revoked_is_dead_at_both_at_once(mixed: Mixed, maker: str) -> None:
    client, other = mixed.ways(maker)
    token = client.access_token()
    before = mixed.are_active(token)

    reply = other.revoke(token)

    assert before == [True, True]
    assert reply.status_code == 200
    assert mixed.are_active(token) == [False, False]


@makers
def test_a_code_of_one_is_good_once_at_the_other(mixed: Mixed, maker: str) -> None:
    client, other = mixed.ways(maker)
    _, code = mixed.code_of(maker, "alice")

    tokens = given(other.exchange(code))
    active = mixed.are_active(tokens["access_token"], tokens["refresh_token"])
    again = client.exchange(code)

    assert active == [True] * 4
    assert error_of(again) == "invalid_grant"
    assert mixed.are_active(tokens["access_token"], tokens["refresh_token"]) == [False] * 4


@makers
def test_refresh_tokens_go_to_and_fro_and_their_reuse_is_seen(mixed: Mixed, maker: str) -> None:
    client, other = mixed.ways(maker)
    first = given(client.exchange(mixed.code_of(maker, "alice")[1]))

    second = given(other.refresh(first["refresh_token"]))
    retried = given(client.refresh(first["refresh_token"]))
    third = given(client.refresh(second["refresh_token"]))
    retried_again = given(other.refresh(second["refresh_token"]))
    active = mixed.are_active(third["access_token"], third["refresh_token"])
    reused = other.refresh(first["refresh_token"])

    assert retried["refresh_token"] == second["refresh_token"]
    assert retried["access_token"] == second["access_token"]
    assert retried_again["refresh_token"] == third["refresh_token"]
    assert active == [True] * 4
    assert error_of(reused) == "invalid_grant"
    assert mixed.are_active(third["access_token"], third["refresh_token"]) == [False] * 4


@makers
def test_a_refresh_token_of_one_ends_all_of_its_grant_at_the_other(mixed: Mixed, maker: str) -> None:
    client, other = mixed.ways(maker)
    first = given(client.exchange(mixed.code_of(maker, "alice")[1]))
    second = given(other.refresh(first["refresh_token"]))

    # One that was rotated away is still known.
    reply = other.revoke(first["refresh_token"])

    assert reply.status_code == 200
    assert mixed.are_active(second["access_token"], second["refresh_token"]) == [False] * 4


@makers
def test_what_a_person_takes_back_includes_codes_of_both(mixed: Mixed, maker: str) -> None:
    _, code = mixed.code_of(maker, "carol")
    authority = mixed.older.authority
    tenant = tenants.get(authority, TENANT)

    disconnect(authority, tenant, "carol", mixed.this.client_id, Cause("taken-back", "user:carol"))

    assert [error_of(client.exchange(code)) for client in mixed.both] == ["invalid_grant"] * 2


@makers
def test_a_client_that_one_has_served_hears_of_the_end_that_the_other_makes(
    mixed: Mixed, maker: str, receiver: Receiver
) -> None:
    listener = mixed.new_listener(receiver.uri)
    client, other = mixed.ways(maker)
    sid, code = mixed.code_of(maker, "emil", listener)
    given(replace(listener, tenant=client.tenant).exchange(code))

    mixed.end_session(sid, by="this" if other is mixed.this else "before")

    wait_until(lambda: len(receiver.tokens) > 0)
    assert len(receiver.tokens) == 1


def test_this_version_purges_nothing_yet(mixed: Mixed) -> None:
    # Used at the other version, which does not say that it is to be kept for longer.
    client, authority = mixed.this, mixed.older.authority
    code = client.mint_code("dora")
    tokens = given(mixed.before.exchange(code))
    due = plain(
        update(codes).where(codes.c.tenant_id == TENANT_ID, codes.c.subject == "dora").values(purge_at=1)
    )
    authority.store.transact(lambda tx: tx.rows(due, tenant_id=client.tenant.record.id))

    purged = list(purge(authority))

    assert purged == []
    assert error_of(client.exchange(code)) == "invalid_grant"
    assert mixed.are_active(tokens["access_token"]) == [False, False]
