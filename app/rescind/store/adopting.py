"""A host's own transaction, taken over for a revocation that is to be part of it."""

from collections.abc import Sequence

from sqlalchemy import URL, Connection

from rescind.store.settling import Settling
from rescind.store.transactions import OnHosts, Transaction

_DEFAULT_PORT = "5432"
# PostgreSQL runs the first as the second.
_EACH_STATEMENT_ANEW = {"READ UNCOMMITTED", "READ COMMITTED"}


def adopt(url: URL, connection: Connection, settling: Settling) -> Transaction:
    """Take a transaction that is someone else's, who commits it; faults on it stay as they are.

    Args:
        url: of the database that holds our schema.
        settling: of the store.

    Raises:
        ValueError: the connection is not to this PostgreSQL database, or it is in no transaction, or in one
            that sees the tables as they were before. Nothing was changed.
    """
    if url.get_backend_name() != "postgresql" or _place(connection.engine.url) != _place(url):
        raise ValueError("The connection is not to the PostgreSQL database that holds our schema.")
    if _commits_by_itself(connection):
        raise ValueError(
            "The connection is in AUTOCOMMIT, so that the state and its record would be apart: use one"
            " that is in a transaction."
        )
    level = connection.get_isolation_level()
    if level not in _EACH_STATEMENT_ANEW:
        raise ValueError(
            f"The transaction is {level}, which does not see what was issued since it began: use one that is"
            " READ COMMITTED."
        )
    return OnHosts(connection, settling)


def _commits_by_itself(connection: Connection) -> bool:
    try:
        return connection.dialect.detect_autocommit_setting(connection.connection.dbapi_connection)  # type: ignore[arg-type]
    except NotImplementedError:
        return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def _place(url: URL) -> tuple[str, frozenset[tuple[str, str]], str | None]:
    """Tell where a database is, whatever driver and user it is reached with; unnamed, it is the user's."""
    asked = _several(url.query.get("host")) or [url.host or "localhost"]
    ports = _several(url.query.get("port")) or [str(url.port or _DEFAULT_PORT)]
    # Of several hosts each has its own port, or all have the one.
    ports = ports if len(ports) == len(asked) else ports[:1] * len(asked)
    places = [_split(host, port) for host, port in zip(asked, ports, strict=True)]
    return url.get_backend_name(), frozenset(places), url.database or url.username


def _several(value: str | Sequence[str] | None) -> list[str]:
    given = [value] if isinstance(value, str) else list(value or ())
    return [part for each in given for part in each.split(",")]


def _split(host: str, port: str) -> tuple[str, str]:
    """Take the port off a host that names one; the folder of a socket has none."""
    name, colon, number = host.rpartition(":")
    is_named = colon and number.isdecimal() and not host.startswith("/") and ":" not in name.strip("[]")
    return (name, number) if is_named else (host, port or _DEFAULT_PORT)
