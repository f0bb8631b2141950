"""Rows that can be purged, loaded by COPY."""

from collections.abc import Callable, Iterator
from itertools import islice

import psycopg

from rescind.domain import clock
from tests.benchmarks.serving import Served

_CHUNK_ROWS = 10_000
_DUE_SECONDS = 30 * 86_400


def load_due(served: Served, *, tenants: int, tokens: int, grants: int) -> None:
    """Load tenants, and tokens and grants of theirs in the order of time: each tenant's lie far apart."""
    url = served.server.authority.store.url.set(drivername="postgresql")
    now = clock.now()
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        (first,) = connection.execute(
            "WITH made AS (INSERT INTO rescind.tenants (name, epoch, created_at, settings)"
            " SELECT 'due-' || number, 0, 0, '{}' FROM generate_series(1, %s) AS number RETURNING id)"
            " SELECT min(id) FROM made",
            [tenants],
        ).fetchone() or (0,)

        def purge_at(number: int, count: int) -> int:
            return now - _DUE_SECONDS + number * _DUE_SECONDS // count

        def token(number: int) -> str:
            at = purge_at(number, tokens)
            return f"{first + number % tenants}\t\\\\x{number:064x}\taccess\t{number:040x}\t\t{at}\t{at}\t{at}\n"

        def grant(number: int) -> str:
            at = purge_at(number, grants)
            return f"{first + number % tenants}\t{number:040x}\ta-client\t\t\t0\t0\t0\t{at}\t{at}\t{at}\n"

        _copy(
            connection,
            "tokens (tenant_id, digest, kind, grant_id, scope, issued_at, expires_at, purge_at)",
            tokens,
            token,
        )
        _copy(
            connection,
            "grants (tenant_id, id, client_id, scope, audience, tenant_epoch, client_epoch, subject_epoch,"
            " created_at, expires_at, purge_at)",
            grants,
            grant,
        )
        connection.execute("ANALYZE")


def _copy(
    connection: psycopg.Connection, into: str, count: int, line: Callable[[int], str]
) -> None:
    with connection.cursor().copy(f"COPY rescind.{into} FROM STDIN") as copy:
        for chunk in _chunks(map(line, range(count))):
            copy.write(chunk)


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    while chunk := "".join(islice(lines, _CHUNK_ROWS)):
        yield chunk
