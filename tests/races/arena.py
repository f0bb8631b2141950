"""A server to race on: rounds are run, looked into over fresh connections, and counted."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import and_, func, select

from rescind.domain.authority import Authority
from rescind.store.activity import GRANT_JOINED, TENANT_ID, grant_holds
from rescind.store.clock import NOW
from rescind.store.statements import plain
from rescind.store.tables import deliveries, grants, revocations, tokens
from rescind.web.application import load_settings
from tests.extent import tries
from tests.races.contenders import Answer, Connection, Contender, fresh, race, to_both_workers
from tests.races.instrumented import MeasuredStore
from tests.servers import Client, Server, Tenant, gunicorn

ROUNDS = tries(200)
# How many times as many rounds are run at most, until enough of them overlapped.
MOST = 5
WIDEST = 8
# Small against a request's time at the store, so that they still meet. An odd number: as the order is turned
# round every other time, each of them comes in both orders.
OFFSETS_SECONDS = (0.0, 0.0, 0.0, 0.0001, 0.0002)


@dataclass(frozen=True, slots=True)
class Setup:
    """A round before it is run: who races, and the tokens of before that are looked at afterwards."""

    client: Client
    contenders: Sequence[Contender]
    old: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """A round that was run: the answers, and which tokens were active once all had answered."""

    answers: list[Answer]
    old_active: dict[str, bool]
    new_active: dict[str, bool]

    @property
    def statuses(self) -> list[int]:
        """The statuses, in the order of the contenders."""
        return [answer.status for answer in self.answers]

    @property
    def is_overlapped(self) -> bool:
        """Whether two of the contenders were at the store at one moment, in two processes."""
        return any(one.overlaps(other) for one, other in itertools.combinations(self.answers, 2))


@dataclass(frozen=True, slots=True)
class Tally:
    """All rounds of one race, and what a check found in them."""

    wanted: int
    rounds: list[Round]
    violations: list[str]

    @property
    def overlapped(self) -> int:
        """In how many rounds two contenders were at the store at one moment."""
        return sum(round_.is_overlapped for round_ in self.rounds)

    @property
    def surviving(self) -> int:
        """How many of the tokens that the races handed out are active."""
        return sum(sum(round_.new_active.values()) for round_ in self.rounds)

    @property
    def is_close(self) -> bool:
        """Whether at least half as many rounds as were wanted were races indeed."""
        return 2 * self.overlapped >= self.wanted

    def __str__(self) -> str:
        answers = Counter(_listed(round_.statuses) for round_ in self.rounds)
        listed = ", ".join(f"{statuses}: {count}" for statuses, count in sorted(answers.items()))
        return (
            f"{len(self.rounds)} rounds, overlapped at the store in {self.overlapped}; "
            f"{len(self.violations)} violations ({listed})"
        )


def _listed(statuses: list[int]) -> str:
    if len(statuses) == 2:
        return "/".join(map(str, statuses))
    return " and ".join(f"{count}x{status}" for status, count in sorted(Counter(statuses).items()))


@dataclass(frozen=True, slots=True)
class Arena:
    """A gunicorn that measures itself, and kept connections to its workers: first, second, first, …"""

    server: Server
    master_pid: int
    connections: list[Connection]

    def new_client(self) -> Client:
        """Register a client in a tenant of its own."""
        return self.server.new_tenant().new_client(scope="read write")

    def run(
        self,
        setups: Iterable[Setup],
        check: Callable[[Round], Iterable[str]],
        offsets_seconds: Sequence[float] = OFFSETS_SECONDS,
        *,
        rounds: int = ROUNDS,
    ) -> Tally:
        """Run rounds one after another, every other one with its contenders let go in reverse, and check.

        Where the processes meet less often, as on a machine that is busy, more rounds are run.

        Args:
            rounds: so many at least, and as many more as it takes for half of this number to overlap.
        """
        tally, offsets = Tally(rounds, [], []), itertools.cycle(offsets_seconds)
        for number, setup in enumerate(itertools.islice(setups, MOST * rounds)):
            round_ = self._run(setup, next(offsets), is_reversed=number % 2 == 1)
            tally.rounds.append(round_)
            tally.violations.extend(f"round {number}: {text}" for text in check(round_))
            if number + 1 >= rounds and tally.is_close:
                break
        return tally

    def _run(self, setup: Setup, offset_seconds: float, *, is_reversed: bool) -> Round:
        step = -1 if is_reversed else 1
        answers = race(setup.contenders[::step], offset_seconds)[::step]
        new = [
            token
            for answer in answers
            for name, token in answer.body.items()
            if name in {"access_token", "refresh_token"}
        ]
        with fresh(self.server.base_url) as connection:
            return Round(
                answers,
                {token: is_active(connection, setup.client, token) for token in setup.old},
                {token: is_active(connection, setup.client, token) for token in new},
            )

    def count_active(self, tenant: Tenant) -> int:
        """Count the tokens of a tenant that are active, in one statement."""
        of_grant = and_(tokens.c.tenant_id == TENANT_ID, tokens.c.grant_id == grants.c.id)
        counting = (
            select(func.count())
            .select_from(GRANT_JOINED.join(tokens, of_grant))
            .where(grants.c.tenant_id == TENANT_ID, tokens.c.expires_at > NOW)
            .where(grant_holds, tokens.c.revoked_at.is_(None), tokens.c.rotated_at.is_(None))
        )
        with self.server.authority.store.reading() as tx:
            return int(tx.value(plain(counting), tenant_id=tenant.record.id))

    def count_events(self, tenant: Tenant) -> int:
        """Count the event rows of a tenant's revocations."""
        counting = select(func.count()).where(revocations.c.tenant_id == tenant.record.id)
        with self.server.authority.store.opened() as tx:
            return int(tx.execute(counting).scalar_one())

    def count_told(self, tenant: Tenant) -> int:
        """Count the messages that clients of a tenant are sent of what has ended."""
        counting = select(func.count()).where(deliveries.c.tenant_id == tenant.record.id)
        with self.server.authority.store.opened() as tx:
            return int(tx.execute(counting).scalar_one())


def is_active(connection: Connection, client: Client, token: str) -> bool:
    """Ask by introspection."""
    answer = connection.post(client, "introspect", token=token)
    assert answer.status == 200, answer
    return bool(answer.body["active"])


@dataclass(frozen=True, slots=True)
class Started:
    """A gunicorn that measures itself."""

    server: Server
    master_pid: int


@contextlib.contextmanager
def started(folder: Path, environment: dict[str, str]) -> Iterator[Started]:
    """Start a gunicorn that measures itself; this process has an authority on the same store."""
    application = "tests.races.instrumented:create_app()"
    with gunicorn(folder / "log", environment, application=application) as (base_url, master):
        known = {name: value for name, value in environment.items() if name.startswith("RESCIND_")}
        settings = load_settings({**known, "RESCIND_PUBLIC_URL": base_url})
        store = MeasuredStore(settings.resolved_database_url)
        authority = replace(Authority.open(settings), store=store)
        yield Started(Server(authority, None, base_url), master.pid)
        store.dispose()


@contextlib.contextmanager
def entered(on: Started) -> Iterator[Arena]:
    """Open connections to both workers; for one test, as the server closes those that idle."""
    connections = to_both_workers(on.server.base_url, WIDEST // 2)
    yield Arena(on.server, on.master_pid, connections)
    for connection in connections:
        connection.close()


@contextlib.contextmanager
def opened(folder: Path, environment: dict[str, str]) -> Iterator[Arena]:
    """Start a server for one test."""
    with started(folder, environment) as on, entered(on) as arena:
        yield arena
