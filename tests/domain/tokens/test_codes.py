"""What is kept of codes and used assertions, and for how long."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from rescind.domain import clock, purging
from rescind.domain.secrets import digest
from rescind.domain.tokens import codes
from rescind.errors import BadValue
from rescind.store import codes as statements
from rescind.store.granting import KEPT_SECONDS
from rescind.store.tables import authorization_codes, used_assertions
from tests.protocol.assertions import Asserting
from tests.servers import CALLBACK, VERIFIER, Client, Server, Tenant, error_of
from tests.store.apart import serving

NOW = 1_800_000_000
CODE_SECONDS, ACCESS_SECONDS, GRANT_SECONDS = 60, 600, 86_400


@pytest.fixture
def own_server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own, for a purge by a clock that runs ahead."""
    options = {"access_token_seconds": ACCESS_SECONDS, "refresh_token_seconds": GRANT_SECONDS}
    clock.set(NOW)
    with serving(own_url, tmp_path, refresh_grace_seconds=0, **options) as server:
        yield server


def rows(tenant: Tenant, table: Any) -> list[dict[str, Any]]:
    """Read what a table holds of a tenant."""
    with tenant.server.authority.store.opened() as tx:
        found = tx.execute(select(table).where(table.c.tenant_id == tenant.record.id)).mappings()
        return [dict(row) for row in found]


def purge_at(server: Server, at: int) -> None:
    """Purge at a time."""
    clock.set(at)
    list(purging.purge(server.authority))


@pytest.mark.requirement("AZ-18")
def test_of_a_code_the_digest_alone_is_kept(client: Client) -> None:
    code = client.mint_code()

    (row,) = rows(client.tenant, authorization_codes)
    assert row["digest"] == digest(code)
    assert code not in repr(row)


def test_a_redemption_does_not_show_its_secrets() -> None:
    shown = codes.Redemption("rac_the-code", CALLBACK, VERIFIER)

    assert "rac_the-code" not in repr(shown)
    assert VERIFIER not in repr(shown)


def test_a_code_is_about_a_subject(client: Client) -> None:
    authorization = client.authorization(None)

    with pytest.raises(BadValue):
        codes.mint(
            client.tenant.server.authority,
            authorization,
            redirect_uri=CALLBACK,
            code_challenge="c" * 43,
        )


@pytest.mark.requirement("STO-06")
@pytest.mark.parametrize(
    ("after_seconds", "kept"), [(CODE_SECONDS + KEPT_SECONDS - 1, 1), (CODE_SECONDS + KEPT_SECONDS, 0)]
)
def test_a_code_that_nobody_redeemed_goes_when_it_has_expired(
    own_server: Server, after_seconds: int, kept: int
) -> None:
    client = own_server.new_tenant().new_client()
    client.mint_code()

    purge_at(own_server, NOW + after_seconds)

    assert len(rows(client.tenant, authorization_codes)) == kept


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_what_takes_codes_back_goes_through_those_alone_that_are_good_still(client: Client) -> None:
    tenant = client.tenant
    for at in (NOW, NOW + CODE_SECONDS):
        clock.set(at)
        client.mint_code()

    tenant.server.authority.store.transact(
        lambda tx: statements.void(
            tx, tenant.record.id, "alice", client.client_id, longest_seconds=CODE_SECONDS
        )
    )

    assert {row["created_at"]: row["redeemed_at"] for row in rows(tenant, authorization_codes)} == {
        NOW: None,
        NOW + CODE_SECONDS: NOW + CODE_SECONDS,
    }


@pytest.mark.requirement("COD-04")
@pytest.mark.requirement("STO-06")
def test_a_code_that_was_redeemed_stays_as_long_as_its_grant(own_server: Server) -> None:
    client = own_server.new_tenant().new_client()
    code = client.mint_code()
    refresh_token = client.exchange(code).json()["refresh_token"]
    purge_at(own_server, NOW + GRANT_SECONDS - 1)
    assert client.is_active(refresh_token)

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert not client.is_active(refresh_token)


@pytest.mark.requirement("COD-04")
@pytest.mark.requirement("STO-06")
def test_a_grant_without_a_refresh_token_is_as_long_as_its_access_token(own_server: Server) -> None:
    client = own_server.new_tenant().new_client(grant_types=["authorization_code"])
    code = client.mint_code()
    access_token = client.exchange(code).json()["access_token"]
    purge_at(own_server, NOW + ACCESS_SECONDS - 1)
    assert client.is_active(access_token)

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert not client.is_active(access_token)


@pytest.mark.requirement("STO-06")
def test_a_code_that_was_redeemed_goes_with_its_grant(own_server: Server) -> None:
    client = own_server.new_tenant().new_client()
    client.exchange(client.mint_code())

    purge_at(own_server, NOW + GRANT_SECONDS + KEPT_SECONDS)

    assert rows(client.tenant, authorization_codes) == []


@pytest.mark.requirement("JWA-05")
@pytest.mark.requirement("JWA-07")
def test_a_used_assertion_stays_as_long_as_it_would_be_taken(own_server: Server) -> None:
    asserting = Asserting.register(own_server.new_tenant())
    assertion = asserting.assertion(exp=NOW + 3600)
    asserting.post("revoke", assertion, token="unknown")
    purge_at(own_server, NOW + 3659)

    reply = asserting.post("revoke", assertion, token="unknown")

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    purge_at(own_server, NOW + 3660 + KEPT_SECONDS)
    assert rows(asserting.client.tenant, used_assertions) == []
    assert asserting.post("revoke", assertion, token="unknown").status_code == 401


@pytest.mark.requirement("JWA-07")
@pytest.mark.requirement("STO-06")
def test_of_two_clients_with_the_same_jti_each_is_remembered_for_its_own_time(own_server: Server) -> None:
    tenant = own_server.new_tenant()
    short, long = Asserting.register(tenant), Asserting.register(tenant)
    kept = long.assertion(jti="the same", exp=NOW + 3600)
    short.post("revoke", short.assertion(jti="the same", exp=NOW + 1), token="unknown")
    long.post("revoke", kept, token="unknown")
    purge_at(own_server, NOW + 61 + KEPT_SECONDS)
    assert [row["client_id"] for row in rows(tenant, used_assertions)] == [long.client.client_id]
    clock.set(NOW + 61)

    reply = long.post("revoke", kept, token="unknown")

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
