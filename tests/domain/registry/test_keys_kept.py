"""Purging of signing keys: one goes when an ID token that it signed can't say anything of use any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.domain import clock, purging
from rescind.domain.registry import keys, tenants
from rescind.domain.revoking import selectors
from rescind.protocol import openid_connect_core
from rescind.store import keys as rows
from rescind.store.granting import KEPT_SECONDS
from tests.domain.revoking.logouts import revoke, sign_out
from tests.protocol.id_tokens import openid_client, signed_in, verified
from tests.servers import Server, Tenant
from tests.store.apart import serving

NOW = 1_800_000_000
HOUR_SECONDS = 3600
GRANT_SECONDS = 40 * HOUR_SECONDS


@pytest.fixture
def session_seconds(request: pytest.FixtureRequest) -> int:
    """Give how long a session lives: for less time than a grant, where a test says nothing else."""
    return int(getattr(request, "param", 8 * HOUR_SECONDS))


@pytest.fixture
def server(own_url: str, tmp_path: Path, session_seconds: int) -> Iterator[Server]:
    """Give a server on a store of its own, at a time that stands still."""
    clock.set(NOW)
    options = {"session_seconds": session_seconds, "refresh_token_seconds": GRANT_SECONDS}
    with serving(own_url, tmp_path, **options) as server:
        yield server


def kids_after_purge(tenant: Tenant, at: int) -> list[str]:
    """Purge at a time, and name the keys that are left."""
    clock.set(at)
    list(purging.purge(tenant.server.authority))
    with tenant.server.authority.store.reading() as tx:
        return [each.kid for each in rows.kept(tx, tenant.record.id)]


@pytest.mark.requirement("OID-08")
@pytest.mark.parametrize(
    "session_seconds",
    [8 * HOUR_SECONDS, 80 * HOUR_SECONDS],
    ids=["short sessions", "long sessions"],
    indirect=True,
)
def test_a_retired_key_is_kept_while_a_session_or_grant_of_its_time_could_be_left(
    tenant: Tenant, session_seconds: int
) -> None:
    authority = tenant.server.authority
    id_token = signed_in(openid_client(tenant))["id_token"]
    rotation = keys.rotate(authority, tenant.record)
    until = (rotation.replaced_until or 0) + max(session_seconds, GRANT_SECONDS)

    early = kids_after_purge(tenant, until - 1)
    hint = openid_connect_core.read_hint(authority, tenant.record.id, tenant.issuer, id_token)
    late = kids_after_purge(tenant, until)

    assert early == [rotation.replaces, rotation.kid]
    assert hint is not None
    assert late == [rotation.kid]


@pytest.mark.requirement("OID-08")
def test_the_key_that_signs_stays_however_old_it_is(tenant: Tenant) -> None:
    kid = keys.signing_key(tenant.server.authority, tenant.record.id).kid

    left = kids_after_purge(tenant, NOW + 1000 * GRANT_SECONDS)

    assert left == [kid]
    assert verified(tenant, signed_in(openid_client(tenant))["id_token"]).header["kid"] == kid


@pytest.mark.requirement("LGO-04")
def test_an_expired_session_stays_while_its_end_could_take_something_along(tenant: Tenant) -> None:
    authority, client = tenant.server.authority, openid_client(tenant)
    tenants.update(authority, tenant.record, {"logout_ends_offline_access": True})
    sid = tenant.new_session("alice", lifetime_seconds=60)
    refresh_token = signed_in(client, "openid offline_access", session_sid=sid)["refresh_token"]
    kids_after_purge(tenant, NOW + GRANT_SECONDS - 1)
    assert client.is_active(refresh_token)

    done = sign_out(tenant, sid)

    assert done.revoked
    assert not client.is_active(refresh_token)


@pytest.mark.requirement("STO-06")
def test_it_goes_with_the_last_grant_that_was_given_in_it(tenant: Tenant) -> None:
    sid = tenant.new_session("alice", lifetime_seconds=60)
    signed_in(openid_client(tenant), "openid offline_access", session_sid=sid)

    kids_after_purge(tenant, NOW + GRANT_SECONDS + KEPT_SECONDS)

    assert not revoke(tenant, selectors.Session(tenant.name, sid)).revoked
