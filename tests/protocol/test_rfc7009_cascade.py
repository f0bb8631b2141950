"""RFC 7009 section 2.1: what ends along with a token, and what does not."""

import pytest

from tests.protocol.raw_requests import pair, refreshed
from tests.servers import Client, Tenant, error_of


@pytest.mark.requirement("CAS-01")
def test_s2_1_a_refresh_token_takes_every_access_token_of_its_grant_along(client: Client) -> None:
    first = pair(client)
    second = refreshed(client, first[1])
    third = refreshed(client, second[1])
    assert [client.is_active(access_token) for access_token, _ in (first, second, third)] == [True] * 3

    reply = client.revoke(third[1])

    assert reply.status_code == 200
    assert not any(client.is_active(token) for token in (*first, *second, *third))


@pytest.mark.requirement("CAS-02")
@pytest.mark.parametrize("which", [0, 1, 2], ids=["oldest", "middle", "newest"])
def test_s2_1_an_access_token_takes_its_grant_along(client: Client, which: int) -> None:
    first = pair(client)
    second = refreshed(client, first[1])
    third = refreshed(client, second[1])
    access_token = (first, second, third)[which][0]

    reply = client.revoke(access_token)

    used = client.refresh(third[1])
    assert reply.status_code == 200
    assert (used.status_code, error_of(used)) == (400, "invalid_grant")
    assert not any(client.is_active(token) for token in (*first, *second, *third))


@pytest.mark.requirement("CAS-03")
def test_s2_1_a_client_with_the_revocation_scope_token_ends_that_access_token_alone(tenant: Tenant) -> None:
    client = tenant.new_client(revocation_scope="token")
    first = pair(client)
    second = refreshed(client, first[1])

    reply = client.revoke(first[0])

    assert reply.status_code == 200
    assert not client.is_active(first[0])
    assert client.is_active(second[0])
    assert refreshed(client, second[1])


@pytest.mark.requirement("CAS-03")
def test_s2_1_a_client_with_the_revocation_scope_token_ends_the_grant_by_its_refresh_token(
    tenant: Tenant,
) -> None:
    client = tenant.new_client(revocation_scope="token")
    first = pair(client)
    second = refreshed(client, first[1])

    reply = client.revoke(second[1])

    assert reply.status_code == 200
    assert not any(client.is_active(token) for token in (*first, *second))


@pytest.mark.requirement("CAS-04")
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_another_grant_of_the_same_client_and_subject_stays(client: Client, which: int) -> None:
    ended, kept = pair(client, "alice"), pair(client, "alice")

    reply = client.revoke(ended[which])

    assert reply.status_code == 200
    assert not any(client.is_active(token) for token in ended)
    assert client.is_active(kept[0])
    assert refreshed(client, kept[1])


@pytest.mark.requirement("CAS-05")
def test_each_token_of_client_credentials_is_a_grant_of_its_own(client: Client) -> None:
    ended, kept = client.access_token(), client.access_token()

    reply = client.revoke(ended)

    assert reply.status_code == 200
    assert not client.is_active(ended)
    assert client.is_active(kept)


@pytest.mark.requirement("CAS-06")
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_the_same_subject_at_another_client_stays(client: Client, mallory: Client, which: int) -> None:
    ended, kept = pair(client, "alice"), pair(mallory, "alice")

    reply = client.revoke(ended[which])

    assert reply.status_code == 200
    assert not any(client.is_active(token) for token in ended)
    assert mallory.is_active(kept[0])
    assert refreshed(mallory, kept[1])
