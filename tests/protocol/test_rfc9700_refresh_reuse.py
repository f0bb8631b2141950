"""RFC 9700 section 4.14.2: a replaced refresh token that comes back ends its grant, but for a short grace."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from rescind import create_app
from rescind.domain import clock
from tests.servers import Client, Server, Tenant, error_of

NOW = 1_800_000_000
GRACE = 10
strict = pytest.mark.settings(refresh_grace_seconds=0)


class Family:
    """A grant with two generations of tokens, and a resource server that tells which of them are active."""

    def __init__(self, tenant: Tenant, client: Client) -> None:
        clock.set(NOW)
        self.client, self.observer = client, tenant.new_client(is_resource_server=True)
        first = client.issue("alice", ("read", "write"))
        self.old = str(first.refresh_token)
        self.new: dict[str, str] = client.refresh(self.old).json()
        self.access_tokens = [first.access_token, self.new["access_token"]]

    def is_alive(self) -> bool:
        """Tell whether anything of it can be used, without using up what would be found."""
        return any(self.observer.is_active(token) for token in self.access_tokens)

    def is_dead(self) -> bool:
        """Tell that nothing of it can be used any more."""
        refused = error_of(self.client.refresh(self.new["refresh_token"])) == "invalid_grant"
        return refused and not self.is_alive()


@pytest.fixture(params=[False, True], ids=["confidential", "public"])
def family(request: pytest.FixtureRequest, tenant: Tenant) -> Family:
    return Family(tenant, tenant.new_client(is_public=request.param, scope="read write"))


@pytest.mark.requirement("REF-02")
@pytest.mark.requirement("REF-08")
@pytest.mark.requirement("REF-11")
@strict
def test_s4_14_2_without_grace_the_first_reuse_ends_the_grant(family: Family) -> None:
    assert family.is_alive()

    reply = family.client.refresh(family.old)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_grant"
    assert family.is_dead()


@pytest.mark.requirement("REF-02")
@pytest.mark.requirement("REF-08")
@pytest.mark.requirement("REF-11")
def test_s4_14_2_after_the_grace_reuse_ends_the_grant(family: Family) -> None:
    clock.set(NOW + GRACE)

    reply = family.client.refresh(family.old)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_grant"
    assert family.is_dead()


@pytest.mark.requirement("REF-11")
@pytest.mark.parametrize("later", [0, 3, GRACE - 1], ids=["at-once", "a-little-later", "at-its-end"])
def test_s4_14_2_within_the_grace_the_same_successors_are_given_again(family: Family, later: int) -> None:
    clock.set(NOW + later)

    again = family.client.refresh(family.old)

    assert again.status_code == 200
    left = dict.fromkeys(("refresh_token_timeout", "authorization_expires_in"), 2_592_000 - later)
    assert again.json() == {**family.new, "expires_in": 600 - later, **left}
    assert family.is_alive()
    assert family.client.refresh(family.new["refresh_token"]).status_code == 200


@pytest.mark.requirement("REF-11")
def test_s4_14_2_the_grace_is_counted_from_the_rotation_not_from_the_last_retry(family: Family) -> None:
    clock.set(NOW + GRACE - 1)
    assert family.client.refresh(family.old).status_code == 200
    clock.set(NOW + GRACE)

    reply = family.client.refresh(family.old)

    assert error_of(reply) == "invalid_grant"
    assert family.is_dead()


@pytest.mark.requirement("REF-02")
@pytest.mark.requirement("REF-11")
def test_s4_14_2_once_the_successor_was_used_there_is_no_grace(family: Family) -> None:
    third = family.client.refresh(family.new["refresh_token"]).json()

    reply = family.client.refresh(family.old)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_grant"
    assert error_of(family.client.refresh(third["refresh_token"])) == "invalid_grant"
    assert not family.observer.is_active(third["access_token"])
    assert family.is_dead()


@pytest.mark.requirement("REF-11")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_s4_14_2_a_revocation_ends_the_grace(family: Family, kind: str) -> None:
    family.client.revoke(family.new[kind])

    reply = family.client.refresh(family.old)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_grant"
    assert family.is_dead()


@pytest.mark.requirement("REF-11")
def test_s4_14_2_a_retry_gets_another_access_token_where_the_first_was_revoked(tenant: Tenant) -> None:
    family = Family(tenant, tenant.new_client(revocation_scope="token", scope="read write"))
    family.client.revoke(family.new["access_token"])

    again = family.client.refresh(family.old)

    assert again.json()["refresh_token"] == family.new["refresh_token"]
    assert not family.observer.is_active(family.new["access_token"])
    assert family.observer.is_active(again.json()["access_token"])
    assert family.client.refresh(family.new["refresh_token"]).status_code == 200


@pytest.mark.requirement("REF-11")
def test_s4_14_2_a_retry_with_another_scope_gets_that_and_ends_nothing(family: Family) -> None:
    again = family.client.refresh(family.old, scope="read").json()

    assert again["refresh_token"] == family.new["refresh_token"]
    assert family.observer.introspect(again["access_token"]).json()["scope"] == "read"
    assert family.client.refresh(family.old).json() == family.new


@pytest.mark.requirement("REF-02")
def test_s4_14_2_reuse_ends_this_grant_and_no_other(family: Family) -> None:
    other = family.client.issue("alice")
    clock.set(NOW + GRACE)

    family.client.refresh(family.old)

    assert family.is_dead()
    assert family.client.refresh(str(other.refresh_token)).status_code == 200


@pytest.mark.requirement("REF-02")
def test_s4_14_2_reuse_is_seen_as_long_as_the_grant_could_live(family: Family) -> None:
    clock.set(NOW + 2_592_000 - 1)
    newest = family.client.refresh(family.new["refresh_token"]).json()
    assert family.observer.is_active(newest["access_token"])

    family.client.refresh(family.old)

    assert not family.observer.is_active(newest["access_token"])


@pytest.fixture
def server_with_newer_key(server: Server) -> Iterator[Server]:
    """Give a second server on the same store, after the secret key was replaced and the old one kept."""
    settings = server.authority.settings
    options = {
        "RESCIND_DATABASE_URL": settings.database_url,
        "RESCIND_INSTANCE_PATH": settings.instance_path,
        "RESCIND_SECRET_KEY": ["the-newer-secret-key-0123456789", *settings.secret_key],
    }
    app = create_app(options)
    authority = app.extensions["rescind"].authority
    yield Server(authority, app, server.base_url)
    authority.store.dispose()


@pytest.mark.requirement("REF-11")
def test_s4_14_2_a_new_secret_key_does_not_end_the_grace(
    tenant: Tenant, client: Client, server_with_newer_key: Server
) -> None:
    family = Family(tenant, client)
    renewed = Client(Tenant(server_with_newer_key, tenant.record), client.client_id, client.secret)

    again = renewed.refresh(family.old)

    assert again.json() == family.new
    assert family.is_alive()


def at_once(count: int, act: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Do the same from so many threads."""
    with ThreadPoolExecutor(count) as threads:
        return [future.result() for future in [threads.submit(act) for _ in range(count)]]


@pytest.mark.requirement("REF-06")
@pytest.mark.requirement("REF-11")
@strict
def test_s4_14_2_eight_at_once_without_grace_leave_nothing_alive(client: Client) -> None:
    token = str(client.issue().refresh_token)

    replies = at_once(8, lambda: client.refresh(token))

    won = [reply.json() for reply in replies if reply.status_code == 200]
    assert sorted(reply.status_code for reply in replies)[1:] == [400] * 7
    assert not any(client.is_active(pair["access_token"]) for pair in won)
    assert not any(client.is_active(pair["refresh_token"]) for pair in won)


@pytest.mark.requirement("REF-06")
@pytest.mark.requirement("REF-11")
def test_s4_14_2_eight_at_once_within_the_grace_get_one_pair(client: Client) -> None:
    token = str(client.issue().refresh_token)

    replies = at_once(8, lambda: client.refresh(token))

    assert [reply.status_code for reply in replies] == [200] * 8
    assert len({(reply.json()["access_token"], reply.json()["refresh_token"]) for reply in replies}) == 1
    assert client.is_active(replies[0].json()["refresh_token"])
    assert not client.is_active(token)
