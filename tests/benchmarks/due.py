"""Rows that can be purged, loaded by COPY."""

from collections.abc import Callable, Iterator
from itertools import islice

import psycopg

from rescind.domain import clock

_CHUNK_ROWS = 10_000
_DUE_SECONDS = 30 * 86_400
_OF_TOKENS = "tenant_id, digest, kind, grant_id, scope, issued_at, expires_at, purge_at"
_OF_GRANTS = (
    "tenant_id, id, client_id, scope, audience, tenant_epoch, client_epoch, subject_epoch, created_at,"
    " expires_at, purge_at"
)


def load_due(url: str, *, tenants: int, tokens: int, grants: int, is_analyzed: bool = True) -> None:
    """Load tenants, and tokens and grants of theirs in the order of time: each tenant's lie far apart."""
    now = clock.now()
    with psycopg.connect(url, autocommit=True) as connection:
        (first,) = connection.execute(
            "WITH made AS (INSERT INTO rescind.tenants (name, epoch, created_at, settings)"
            " SELECT 'due-' || number, 0, 0, '{}' FROM generate_series(1, %s) AS number RETURNING id)"
            " SELECT min(id) FROM made",
            [tenants],
        ).fetchone() or (0,)

        def times(number: int, count: int, columns: int) -> str:
            return "\t".join([str(now - _DUE_SECONDS + number * _DUE_SECONDS // count)] * columns)

        def token(number: int) -> str:
            key = f"\\\\x{number:064x}\taccess\t{number:040x}\t"
            return f"{first + number % tenants}\t{key}\t{times(number, tokens, 3)}\n"

        def grant(number: int) -> str:
            about = f"{number:040x}\ta-client\t\t\t0\t0\t0"
            return f"{first + number % tenants}\t{about}\t{times(number, grants, 3)}\n"

        _copy(connection, f"tokens ({_OF_TOKENS})", tokens, token)
        _copy(connection, f"grants ({_OF_GRANTS})", grants, grant)
        if is_analyzed:
            connection.execute("ANALYZE")


def _copy(connection: psycopg.Connection, into: str, count: int, line: Callable[[int], str]) -> None:
    with connection.cursor().copy(f"COPY rescind.{into} FROM STDIN") as copy:
        for chunk in _chunks(map(line, range(count))):
            copy.write(chunk)


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    while chunk := "".join(islice(lines, _CHUNK_ROWS)):
        yield chunk
