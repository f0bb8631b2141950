"""RESCIND_DATABASE_POOLER=transaction: every promise holds though each transaction is in another session."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg

from tests.cli.shell import Shell
from tests.outage.served import Served
from tests.patience import wait_until
from tests.poolers.conftest import SESSIONS
from tests.servers import SECRET_KEY, Client

T = TypeVar("T")

# What the session of a write is like, as the write itself sees it.
NOTE = """
CREATE TABLE public.noted (synchronous_commit text, statement_timeout text, search_path text, backend int);
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
INSERT INTO public.noted SELECT current_setting('synchronous_commit'), current_setting('statement_timeout'),
current_setting('search_path'), pg_backend_pid(); RETURN NULL; END $$;
CREATE TRIGGER notes AFTER INSERT ON rescind.revocations FOR EACH ROW EXECUTE FUNCTION public.note()
"""


@contextmanager
def noted(url: str) -> Iterator[psycopg.Connection]:
    """Have each revocation write down what its session is like."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(NOTE)
        try:
            yield connection
        finally:
            connection.execute("DROP FUNCTION public.note CASCADE")
            connection.execute("DROP TABLE public.noted")


def at_once(act: Callable[[str], T], tokens: list[str]) -> list[T]:
    with ThreadPoolExecutor(16) as threads:
        return list(threads.map(act, tokens))


def test_a_token_goes_its_whole_way(on_pooler: Served) -> None:
    client = on_pooler.new_client()
    exchanged = client.exchange(client.mint_code("alice"))
    issued = client.issue("alice")
    assert issued.refresh_token is not None
    refreshed = client.refresh(issued.refresh_token).json()
    tokens = [client.access_token(), exchanged.json()["access_token"], refreshed["access_token"]]
    before = [client.is_active(token) for token in tokens]

    revoked = [client.revoke(token).status_code for token in (*tokens[:2], refreshed["refresh_token"])]

    assert (before, revoked) == ([True] * 3, [200] * 3)
    assert [client.is_active(token) for token in tokens] == [False] * 3
    assert client.refresh(refreshed["refresh_token"]).status_code == 400


def test_what_was_acknowledged_is_never_seen_active_by_any_worker(on_pooler: Served) -> None:
    client = on_pooler.new_client()
    tokens = [client.access_token() for _ in range(60)]

    def revoke_and_ask(token: str) -> tuple[int, list[bool]]:
        return client.revoke(token).status_code, [client.is_active(token) for _ in range(3)]

    assert at_once(revoke_and_ask, tokens) == [(200, [False] * 3)] * 60


def test_a_refresh_token_that_comes_many_times_at_once_has_one_successor(on_pooler: Served) -> None:
    client = on_pooler.new_client()
    shown = str(client.issue("alice").refresh_token)

    replies = at_once(lambda token: client.refresh(token), [shown] * 16)

    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["access_token"] for reply in replies}) == 1


def test_a_code_that_comes_twice_at_once_ends_what_it_was_exchanged_for(on_pooler: Served) -> None:
    client: Client = on_pooler.new_client()
    code = client.mint_code("alice")

    replies = at_once(client.exchange, [code] * 6)

    (won,) = [reply for reply in replies if reply.status_code == 200]
    assert {reply.status_code for reply in replies if reply is not won} == {400}
    assert not client.is_active(won.json()["access_token"])


def test_each_write_waits_for_the_disk_and_leaves_nothing_in_the_session(
    on_pooler: Served, behind: str, pooled_url: str
) -> None:
    client = on_pooler.new_client()
    tokens = [client.access_token() for _ in range(30)]

    with noted(behind) as connection:
        assert {reply.status_code for reply in at_once(client.revoke, tokens)} == {200}
        rows = connection.execute(
            "SELECT DISTINCT synchronous_commit, statement_timeout, search_path FROM public.noted"
        )
        sessions = connection.execute("SELECT count(DISTINCT backend) FROM public.noted").fetchall()
        seen = rows.fetchall()

    assert seen == [("on", "3s", "public")]
    assert sessions == [(SESSIONS,)]
    for _ in range(4 * SESSIONS):
        with psycopg.connect(pooled_url, prepare_threshold=None) as other:
            left = other.execute(
                "SELECT current_setting('synchronous_commit'), current_setting('statement_timeout'),"
                " (SELECT count(*) FROM pg_prepared_statements)"
            ).fetchone()
        assert left == ("off", "77s", 0)


def test_a_table_that_is_locked_is_503_in_time_and_heals(on_pooler: Served, behind: str) -> None:
    client = on_pooler.new_client()
    tokens = [client.access_token() for _ in range(3)]

    with psycopg.connect(behind) as other:
        other.execute("LOCK TABLE rescind.grants IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        refused = at_once(lambda token: client.introspect(token).status_code, tokens)
        seconds = time.monotonic() - began
        other.rollback()

    assert refused == [503] * 3
    assert seconds < 8
    wait_until(lambda: client.introspect(tokens[0]).status_code == 200)
    assert at_once(lambda token: client.revoke(token).status_code, tokens) == [200] * 3


def test_commands_work_too(pooled_url: str, tmp_path: Path) -> None:
    shell = Shell(
        {
            "RESCIND_DATABASE_URL": pooled_url,
            "RESCIND_DATABASE_POOLER": "transaction",
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_INSTANCE_PATH": str(tmp_path),
        }
    )

    upgraded = shell.run("db", "upgrade", "--json")
    checked = shell.run("db", "check", "--json")

    assert upgraded.record["from"] == upgraded.record["to"]
    assert checked.record["differences"] == []
