"""RFC 6749 sections 4.1.2 and 10.5: a code that was redeemed and comes back ends what it gave."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from rescind.domain import clock
from rescind.store.tables import revocations
from tests.protocol.faults import failing
from tests.servers import Client, Server, Tenant, error_of

NOW = 1_800_000_000


class Redeemed:
    """A code that was redeemed, what its client got, and what it got by refreshing that."""

    def __init__(self, client: Client, observer: Client) -> None:
        clock.set(NOW)
        self.client, self.observer = client, observer
        self.code = client.mint_code()
        first = client.exchange(self.code).json()
        second = client.refresh(first["refresh_token"]).json()
        self.access_tokens = [first["access_token"], second["access_token"]]
        self.refresh_token = second["refresh_token"]

    def is_alive(self) -> bool:
        """Tell whether anything of it can be used, without using up what would be found."""
        return any(self.observer.is_active(token) for token in self.access_tokens)

    def is_dead(self) -> bool:
        """Tell that nothing of it can be used any more."""
        refused = self.client.refresh(self.refresh_token).json().get("error") == "invalid_grant"
        return refused and not self.is_alive()

    def events(self) -> list[tuple[str, str, str | None]]:
        """Read the cause, actor and client of each event row of the tenant."""
        tenant = self.client.tenant
        columns = revocations.c.cause, revocations.c.actor, revocations.c.client_id
        with tenant.server.authority.store.opened() as tx:
            rows = tx.execute(select(*columns).where(revocations.c.tenant_id == tenant.record.id))
            return [tuple(row) for row in rows]


@pytest.fixture(params=[False, True], ids=["confidential", "public"])
def redeemed(request: pytest.FixtureRequest, tenant: Tenant, resource_server: Client) -> Redeemed:
    return Redeemed(tenant.new_client(is_public=request.param), resource_server)


@pytest.mark.requirement("COD-04")
@pytest.mark.parametrize(
    "later", [0, 59, 60, 2_591_999], ids=["at once", "late", "expired by then", "as long as the grant lives"]
)
def test_s4_1_2_a_code_that_comes_back_ends_its_grant(redeemed: Redeemed, later: int) -> None:
    assert redeemed.is_alive()
    clock.set(NOW + later)

    reply = redeemed.client.exchange(redeemed.code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert redeemed.is_dead()


@pytest.mark.requirement("COD-04")
def test_s4_1_2_it_stays_so_when_it_comes_back_again(redeemed: Redeemed) -> None:
    redeemed.client.exchange(redeemed.code)

    reply = redeemed.client.exchange(redeemed.code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert redeemed.is_dead()


@pytest.mark.requirement("COD-04")
@pytest.mark.requirement("LOG-03")
def test_a_replay_is_recorded_once_with_its_cause(redeemed: Redeemed) -> None:
    redeemed.client.exchange(redeemed.code)
    redeemed.client.exchange(redeemed.code)

    client_id = redeemed.client.client_id
    assert redeemed.events() == [("code-replay", f"client:{client_id}", client_id)]


@pytest.mark.requirement("COD-04")
def test_s4_1_2_a_replay_ends_this_grant_and_no_other(redeemed: Redeemed) -> None:
    other = redeemed.client.exchange(redeemed.client.mint_code()).json()

    redeemed.client.exchange(redeemed.code)

    assert redeemed.is_dead()
    assert redeemed.observer.is_active(other["access_token"])
    assert redeemed.client.refresh(other["refresh_token"]).status_code == 200


@pytest.mark.requirement("COD-04")
@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://client.example/elsewhere"},
        {"code_verifier": "v" * 43},
        {"code_verifier": "v"},
    ],
    ids=["redirect URI", "verifier", "malformed verifier"],
)
def test_s10_5_a_request_that_is_wrong_in_itself_is_no_replay(
    redeemed: Redeemed, wrong: dict[str, str]
) -> None:
    reply = redeemed.client.exchange(redeemed.code, **wrong)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert redeemed.is_alive()


@pytest.mark.requirement("COD-04")
@pytest.mark.requirement("COD-05")
@pytest.mark.parametrize("is_public", [False, True], ids=["confidential", "public"])
def test_s10_5_another_client_can_not_replay(redeemed: Redeemed, tenant: Tenant, is_public: bool) -> None:
    mallory = tenant.new_client(is_public=is_public)

    reply = mallory.exchange(redeemed.code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert redeemed.is_alive()


@pytest.mark.requirement("COD-04")
@pytest.mark.requirement("TEN-09")
def test_s10_5_nor_can_the_same_client_id_of_another_tenant(
    client: Client, resource_server: Client, other_tenant: Tenant
) -> None:
    redeemed = Redeemed(client, resource_server)
    namesake = other_tenant.new_client(client_id=client.client_id, secret=client.secret)

    reply = namesake.exchange(redeemed.code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert redeemed.is_alive()


@pytest.mark.requirement("COD-04")
@pytest.mark.parametrize("statement", ["UPDATE", "INSERT", "COMMIT"])
def test_s10_5_a_replay_is_not_answered_before_it_has_ended_the_grant(
    server: Server, redeemed: Redeemed, statement: str
) -> None:
    with failing(server, statement):
        reply = redeemed.client.exchange(redeemed.code)

    assert (reply.status_code, error_of(reply)) == (503, "temporarily_unavailable")
    assert redeemed.is_alive()
    assert redeemed.client.exchange(redeemed.code).status_code == 400
    assert redeemed.is_dead()


@pytest.mark.requirement("COD-01")
@pytest.mark.parametrize("statement", ["UPDATE", "INSERT INTO", "COMMIT"])
def test_s4_1_2_a_redemption_that_is_not_committed_uses_nothing_up(
    server: Server, client: Client, statement: str
) -> None:
    code = client.mint_code()

    with failing(server, statement):
        reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (503, "temporarily_unavailable")
    assert client.is_active(client.exchange(code).json()["access_token"])


@pytest.mark.requirement("COD-04")
@pytest.mark.requirement("COD-08")
@pytest.mark.parametrize("count", [2, 8])
def test_s4_1_2_of_those_at_once_one_is_answered_and_nothing_lives(client: Client, count: int) -> None:
    code = client.mint_code()

    with ThreadPoolExecutor(count) as threads:
        replies = list(threads.map(client.exchange, [code] * count))

    given = [reply.json() for reply in replies if reply.status_code == 200]
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * (count - 1)
    assert {error_of(reply) for reply in replies if reply.status_code == 400} == {"invalid_grant"}
    assert not any(client.is_active(body["access_token"]) for body in given)
    assert not any(client.is_active(body["refresh_token"]) for body in given)
