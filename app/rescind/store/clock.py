"""The clock that decides what ends and what expires: the store's own.

On PostgreSQL that is the clock of its machine, asked in the statement itself, so that hosts whose clocks are
apart agree. On SQLite it is the host's, of which there is just one. A test can set it.
"""

import time
from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_set_at: int | None = None
_is_the_hosts = False


def set(at: int | None) -> None:
    """Stop the clock at a time (for tests), or let it go on (None)."""
    global _set_at
    _set_at = at


def follow_host(*, is_followed: bool = True) -> None:
    """Let this host's clock decide on PostgreSQL too: for tests that move it, as time-machine does."""
    global _is_the_hosts
    _is_the_hosts = is_followed


def host_time() -> int:
    """Give the time of this host, whole seconds since 1970, UTC."""
    return int(time.time()) if _set_at is None else _set_at


def given(dialect: str) -> int | None:
    """Give what a statement is told of the time; None where the database knows it better."""
    return host_time() if dialect == "sqlite" or _is_the_hosts else _set_at


class _DatabaseTime(FunctionElement[int]):
    """The time at which the statement began. It is stable, so an index can be searched by it."""

    type = BigInteger()
    inherit_cache = True


@compiles(_DatabaseTime, "postgresql")
def _on_postgresql(element: _DatabaseTime, compiler: Any, **_: Any) -> str:
    return "CAST(floor(extract(epoch FROM statement_timestamp())) AS BIGINT)"


@compiles(_DatabaseTime, "sqlite")
def _on_sqlite(element: _DatabaseTime, compiler: Any, **_: Any) -> str:
    # Never reached: what `given` says comes first. A statement without a time would be read as one of 1970.
    return "CAST(strftime('%s', 'now') AS INTEGER)"


_GIVEN: BindParameter[int] = bindparam("now", type_=BigInteger)
# The present time in a statement; `Transaction` gives its parameter.
NOW: ColumnElement[int] = func.coalesce(_GIVEN, _DatabaseTime())
