"""Codes and revocation: a code dies with what it was made under, and so does what it would have given."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from rescind.domain import clock
from rescind.domain.registry import clients, tenants
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.domain.revoking.selectors import Selector
from rescind.domain.tokens import codes, pkce
from rescind.store import transactions
from tests import stores
from tests.servers import CALLBACK, VERIFIER, Client, Tenant, error_of

NOW = 1_800_000_000
SESSION_SECONDS = 30
OFFLINE = ("read", "offline_access")
Ending = Callable[[Client, str], object]


def revoke(client: Client, selector: Selector) -> None:
    """Revoke as an operator does."""
    done = revocation.revoke(client.tenant.server.authority, selector, Cause(OPERATOR, "operator:tests"))
    assert done.revoked


def end_session(client: Client, sid: str) -> None:
    revoke(client, selectors.Session(client.tenant.name, sid))


def end_subject(client: Client, sid: str) -> None:
    revoke(client, selectors.Subject(client.tenant.name, "alice"))


def end_client(client: Client, sid: str) -> None:
    revoke(client, selectors.Client(client.tenant.name, client.client_id))


def end_tenant(client: Client, sid: str) -> None:
    revoke(client, selectors.Tenant(client.tenant.name))


def make_client_anew(client: Client, sid: str) -> None:
    authority, tenant = client.tenant.server.authority, client.tenant.record
    clients.delete(authority, tenant, client.client_id, actor="operator:tests")
    clients.create(authority, tenant, client_id=client.client_id, secret=client.secret)


def close_and_open_tenant(client: Client, sid: str) -> None:
    authority, name = client.tenant.server.authority, client.tenant.name
    tenants.disable(authority, name, actor="operator:tests")
    tenants.enable(authority, name)


def let_session_expire(client: Client, sid: str) -> None:
    clock.set(NOW + SESSION_SECONDS)


ENDINGS: list[Ending] = [
    *[end_session, end_subject, end_client, end_tenant],
    *[make_client_anew, close_and_open_tenant, let_session_expire],
]
# What raises an epoch, and so ends what began before it, even where nothing of it is written yet.
RAISING = [end_subject, end_client, end_tenant]


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client that may have what outlives a session."""
    return tenant.new_client(scope="read write offline_access")


@pytest.fixture
def sid(tenant: Tenant) -> str:
    clock.set(NOW)
    return tenant.new_session("alice", lifetime_seconds=SESSION_SECONDS)


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("scope", [("read",), OFFLINE], ids=["online", "offline"])
@pytest.mark.parametrize("end", ENDINGS)
def test_a_code_is_refused_once_what_it_was_made_under_has_ended(
    client: Client, sid: str, end: Ending, scope: tuple[str, ...]
) -> None:
    code = client.mint_code("alice", scope, session_sid=sid)
    end(client, sid)

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("end", ENDINGS)
def test_a_code_that_is_made_afterwards_is_taken(client: Client, sid: str, end: Ending) -> None:
    end(client, sid)
    code = client.mint_code("alice", session_sid=client.tenant.new_session("alice"))

    reply = client.exchange(code)

    assert reply.status_code == 200
    assert client.is_active(reply.json()["access_token"])


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("end", RAISING)
def test_consent_that_began_before_a_bulk_revocation_gives_a_dead_code(
    client: Client, sid: str, end: Ending
) -> None:
    authorization = client.authorization("alice")
    end(client, sid)
    code = codes.mint(
        client.tenant.server.authority,
        authorization,
        redirect_uri=CALLBACK,
        code_challenge=pkce.challenge_of(VERIFIER),
    )

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("end", ENDINGS)
def test_what_a_code_gave_ends_with_what_it_was_made_under(
    client: Client, resource_server: Client, sid: str, end: Ending
) -> None:
    code = client.mint_code("alice", ("read",), session_sid=sid)
    redeemed = client.exchange(code).json()
    assert client.is_active(redeemed["refresh_token"])

    end(client, sid)

    refused = client.refresh(redeemed["refresh_token"])
    assert error_of(refused) == "invalid_grant"
    assert not client.is_active(redeemed["access_token"])


@pytest.mark.parametrize("end", [end_session, let_session_expire])
def test_oidc_s11_what_a_code_with_offline_access_gave_outlives_the_session(
    client: Client, sid: str, end: Ending
) -> None:
    code = client.mint_code("alice", OFFLINE, session_sid=sid)
    redeemed = client.exchange(code).json()

    end(client, sid)

    assert client.is_active(redeemed["access_token"])
    assert client.refresh(redeemed["refresh_token"]).status_code == 200


@contextmanager
def done_behind_the_first_read(act: Callable[[], object]) -> Iterator[None]:
    """Have another worker do something when a request has sent its first statement."""
    watching = threading.get_ident()
    is_done = False

    def interrupt(dialect: str, text: str) -> None:
        nonlocal is_done
        if threading.get_ident() == watching and not is_done:
            is_done = True
            with ThreadPoolExecutor(1) as other:
                other.submit(act).result()

    transactions.after_watchers.append(interrupt)
    try:
        yield
    finally:
        transactions.after_watchers.remove(interrupt)
    assert is_done


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("scope", [("read",), OFFLINE], ids=["online", "offline"])
@pytest.mark.parametrize("end", ENDINGS)
def test_what_ends_while_a_code_is_being_redeemed_leaves_nothing_alive(
    client: Client, sid: str, end: Ending, scope: tuple[str, ...]
) -> None:
    code = client.mint_code("alice", scope, session_sid=sid)
    client.introspect("so that the tenant is known")

    with done_behind_the_first_read(lambda: end(client, sid)):
        reply = client.exchange(code)

    assert reply.status_code in {200, 400}
    given = [value for name, value in reply.json().items() if name in {"access_token", "refresh_token"}]
    assert len(given) == (2 if reply.status_code == 200 else 0)
    assert not any(client.is_active(token) for token in given)
    assert client.exchange(code).status_code == 400


@pytest.mark.requirement("CAS-08")
def test_the_end_of_a_session_that_is_under_way_is_waited_for(client: Client, sid: str) -> None:
    authority = client.tenant.server.authority
    code = client.mint_code("alice", OFFLINE, session_sid=sid)
    selector, cause = selectors.Session(client.tenant.name, sid), Cause(OPERATOR, "operator:tests")

    with ThreadPoolExecutor(1) as other:
        with stores.transaction(authority.store) as tx:
            done = revocation.revoke_within(authority, tx, selector, cause)
            exchanging = other.submit(client.exchange, code)
            time.sleep(0.3)
            was_waiting = not exchanging.done()
        reply = exchanging.result()

    assert done.revoked
    assert was_waiting
    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("end", RAISING)
def test_offline_access_does_not_outlive_a_bulk_revocation(client: Client, sid: str, end: Ending) -> None:
    code = client.mint_code("alice", OFFLINE, session_sid=sid)
    redeemed = client.exchange(code).json()

    end(client, sid)

    assert not client.is_active(redeemed["access_token"])
    assert error_of(client.refresh(redeemed["refresh_token"])) == "invalid_grant"


@pytest.mark.requirement("CAS-04")
@pytest.mark.parametrize("end", [end_session, end_subject, end_client])
def test_the_code_of_another_session_subject_and_client_is_taken(
    client: Client, mallory: Client, sid: str, end: Ending
) -> None:
    code = mallory.mint_code("bob", session_sid=client.tenant.new_session("bob"))
    end(client, sid)

    reply = mallory.exchange(code)

    assert reply.status_code == 200
    assert mallory.is_active(reply.json()["access_token"])


@pytest.mark.requirement("TEN-09")
@pytest.mark.requirement("TEN-10")
def test_a_session_of_another_tenant_carries_no_code(client: Client, other_tenant: Tenant) -> None:
    code = client.mint_code("alice", session_sid=other_tenant.new_session("alice"))

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("COD-04")
@pytest.mark.parametrize("end", RAISING)
def test_a_replay_after_a_bulk_revocation_is_refused_too(client: Client, sid: str, end: Ending) -> None:
    code = client.mint_code("alice", session_sid=sid)
    redeemed = client.exchange(code).json()
    end(client, sid)

    reply = client.exchange(code)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert not client.is_active(redeemed["access_token"])
