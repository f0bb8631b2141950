"""draft-ietf-oauth-refresh-token-expiration: how long a refresh token, and what it stands for, is good."""

from collections.abc import Iterator
from typing import Any

import pytest

from rescind.domain import clock
from tests.servers import Client, Tenant

NOW = 1_800_000_000
LONGEST = 2_592_000


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let the clock stand where a test puts it, and go on afterwards."""
    clock.set(NOW)
    yield
    clock.set(None)


def seconds(answer: dict[str, Any]) -> tuple[int, int]:
    return answer["refresh_token_timeout"], answer["authorization_expires_in"]


@pytest.mark.requirement("REF-20")
def test_a_grant_ends_with_its_session_where_that_is_over_before(tenant: Tenant, client: Client) -> None:
    sid = tenant.new_session("alice", lifetime_seconds=3600)
    given = client.exchange(client.mint_code(session_sid=sid)).json()
    clock.set(NOW + 1000)

    again = client.refresh(given["refresh_token"]).json()

    assert (seconds(given), seconds(again)) == ((3600, 3600), (2600, 2600))
    clock.set(NOW + 3599)
    assert client.is_active(again["refresh_token"])
    clock.set(NOW + 3600)
    assert not client.is_active(again["refresh_token"])


@pytest.mark.requirement("REF-20")
def test_what_outlives_its_session_goes_on_as_long_as_it_was_to(tenant: Tenant) -> None:
    client = tenant.new_client(scope="read offline_access")
    sid = tenant.new_session("alice", lifetime_seconds=3600)
    given = client.exchange(client.mint_code(scope=("read", "offline_access"), session_sid=sid)).json()
    clock.set(NOW + 1000)

    again = client.refresh(given["refresh_token"]).json()

    assert (seconds(given), seconds(again)) == ((LONGEST, LONGEST), (LONGEST - 1000, LONGEST - 1000))


@pytest.mark.requirement("REF-20")
def test_without_a_refresh_token_nothing_is_said_of_one(tenant: Tenant) -> None:
    client = tenant.new_client(grant_types=["authorization_code", "client_credentials"])

    by_code = client.exchange(client.mint_code()).json()
    by_itself = client.post("token", grant_type="client_credentials").json()

    said = {"refresh_token", "refresh_token_timeout", "authorization_expires_in"}
    assert not said & (by_code.keys() | by_itself.keys())
