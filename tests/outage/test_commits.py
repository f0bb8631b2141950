"""A 200 means that the commit was confirmed, and confirmed by all that were to confirm it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.outage.private_postgres import ROLE, PrivatePostgres
from tests.outage.served import UNAVAILABLE, Served, introspect_all, revoke_all, shape
from tests.patience import allowed, wait_until

FAIL_AT_COMMIT = """
CREATE FUNCTION rescind.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$;
CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON rescind.revocations
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rescind.fail()
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@contextmanager
def failing_at_commit(postgres: PrivatePostgres) -> Iterator[None]:
    """Let every statement of a revocation succeed, and its COMMIT fail."""
    postgres.execute_here(FAIL_AT_COMMIT)
    try:
        yield
    finally:
        postgres.execute_here("DROP FUNCTION rescind.fail CASCADE")


@contextmanager
def without_its_standby(postgres: PrivatePostgres) -> Iterator[None]:
    """Have commits wait for a standby that is gone."""
    postgres.configure(synchronous_standby_names="nobody")
    try:
        yield
    finally:
        postgres.restore()


def role_does_not_wait(postgres: PrivatePostgres) -> None:
    """Turn it off for the connections that the role makes from now on."""
    postgres.execute(f"ALTER ROLE {ROLE} SET synchronous_commit = off")
    postgres.cut_connections()


def server_does_not_wait(postgres: PrivatePostgres) -> None:
    """Turn it off for every connection, those that there are as well."""
    postgres.configure(synchronous_commit="off")


@pytest.mark.requirement("FAULTS-A1")
@pytest.mark.requirement("FAULTS-A3")
def test_a_commit_that_fails_is_503_and_the_token_lives(
    postgres: PrivatePostgres, on_postgres: Served
) -> None:
    client = on_postgres.new_client()
    tokens = [client.access_token() for _ in range(4)]

    with failing_at_commit(postgres):
        refused = revoke_all(client, tokens)

    assert [shape(reply) for reply in refused] == [UNAVAILABLE] * 4
    assert [client.is_active(token) for token in tokens] == [True] * 4
    assert [reply.status for reply in revoke_all(client, tokens)] == [200] * 4
    assert [client.is_active(token) for token in tokens] == [False] * 4


@pytest.mark.requirement("FAULTS-A11")
def test_a_commit_that_no_standby_confirms_is_503(postgres: PrivatePostgres, on_postgres: Served) -> None:
    client = on_postgres.new_client()
    token, untouched, dead = [client.access_token() for _ in range(3)]
    client.revoke(dead)

    with without_its_standby(postgres):
        refused = revoke_all(client, [token] * 4)
        asked = introspect_all(client, [untouched] * 4)
        final = client.introspect(dead)
        # What nobody waits for any more holds no connection of the server.
        wait_until(lambda: postgres.execute(WAITING) == [(0,)])

    assert [shape(reply) for reply in refused] == [UNAVAILABLE] * 4
    assert max(reply.seconds for reply in refused) < allowed(6)
    # Another server may be the primary by now, and have ended them.
    assert [shape(reply) for reply in asked] == [UNAVAILABLE] * 4
    assert final.json() == {"active": False}
    assert client.revoke(token).status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("FAULTS-A11")
@pytest.mark.requirement("FAULTS-A12")
def test_what_no_standby_confirmed_is_not_confirmed_by_asking_again(
    postgres: PrivatePostgres, on_postgres: Served
) -> None:
    client = on_postgres.new_client()
    token = client.access_token()

    with without_its_standby(postgres):
        first = revoke_all(client, [token])
        # By now it is seen on this machine, and on no other.
        again = revoke_all(client, [token])

    assert [shape(reply) for reply in (*first, *again)] == [UNAVAILABLE] * 2
    assert client.revoke(token).status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("FAULTS-A2")
@pytest.mark.requirement("FAULTS-A4")
@pytest.mark.parametrize("turn_off", [role_does_not_wait, server_does_not_wait], ids=["role", "server"])
def test_a_200_outlasts_a_crash_though_the_database_is_told_not_to_wait_for_the_disk(
    postgres: PrivatePostgres, on_postgres: Served, turn_off: Callable[[PrivatePostgres], None]
) -> None:
    client = on_postgres.new_client()
    token, other = client.access_token(), client.access_token()
    # What is not waited for lies about for long.
    postgres.configure(wal_writer_delay="10s")
    turn_off(postgres)
    wait_until(on_postgres.is_well)

    reply = client.revoke(token)
    postgres.kill()

    postgres.start()
    wait_until(on_postgres.is_well)
    assert reply.status_code == 200
    assert not client.is_active(token)
    assert client.is_active(other)
