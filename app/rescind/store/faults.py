"""What goes wrong at a database: told in words that somebody can act on, and what is done about it.

The words are ours, so that none of the driver's get out: those name hosts, users and values.
"""

import errno
import os
import re
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

# PostgreSQL has undone a transaction for the sake of another, and asks for it once more.
_TO_BE_REPEATED = {"40001", "40P01"}
# A plan that the server has kept no longer fits the tables, which were migrated since, or is gone: nothing
# was run.
_OF_STALE_PLANS = {"0A000", "26000"}


class Fault(NamedTuple):
    """A way to fail: in a few words, and what to do about it, where `{command}` stands for ours.

    Attributes:
        is_lasting: whether it stays so until somebody changes something; the others may pass by themselves.
    """

    kind: str
    advice: str
    is_lasting: bool = False


_URL = "RESCIND_DATABASE_URL"
_REFUSED = Fault("connection refused", f"is PostgreSQL running where {_URL} says, and on this port?")
_UNKNOWN_HOST = Fault("unknown host", f"the host in {_URL} has no address.")
_PASSWORD = Fault(
    "wrong password", f"PostgreSQL does not take the user and the password in {_URL}.", is_lasting=True
)
_PARAMETER = Fault(
    "wrong parameter",
    f"what stands behind the ? in {_URL} is nothing that PostgreSQL knows.",
    is_lasting=True,
)
_SHUT = Fault("database closed", f"the database in {_URL} takes no connections.", is_lasting=True)
_NO_ROLE = Fault(
    "no such role",
    f"PostgreSQL does not know the user in {_URL}, or does not let it in from here.",
    is_lasting=True,
)
_NO_DATABASE = Fault(
    "no such database", f"the database in {_URL} is not there: create it first.", is_lasting=True
)
_CERTIFICATE = Fault(
    "certificate",
    "TLS with PostgreSQL failed: look at sslmode, sslrootcert and the certificate.",
    is_lasting=True,
)
_FULL = Fault("too many connections", "max_connections of PostgreSQL, or a limit of the role, is used up.")
_READ_ONLY = Fault(
    "read-only", f"that PostgreSQL only reads, as a standby does: {_URL} has to lead to the primary."
)
_TIMED_OUT = Fault("timed out", "it did not answer in its time: is it overloaded, locked, or cut off?")
_STARTING = Fault("starting or stopping", "PostgreSQL is starting up or shutting down.")
_CUT = Fault("connection lost", "PostgreSQL closed the connection, or the network did.")
_FORBIDDEN = Fault(
    "not allowed",
    "the user lacks a right on the database or our tables: it has to own them.",
    is_lasting=True,
)
_UNMIGRATED = Fault(
    "tables missing", "a table or column is not there: run {command} db upgrade.", is_lasting=True
)
_DISK_FULL = Fault("disk full", "there is no room left on its disk.")
_BUSY = Fault("busy", "another program holds the SQLite file.")
_UNREADABLE = Fault(
    "unreadable",
    "the SQLite file can't be opened or is none: look at its path and its rights.",
    is_lasting=True,
)
_POOL = Fault("no connection free", "all connections of this process are in use: see RESCIND_POOL_SIZE.")
_POOLER = Fault(
    "a connection pooler",
    "a connection pooler stands in front of PostgreSQL: set RESCIND_DATABASE_POOLER=transaction.",
    is_lasting=True,
)
_TOO_MANY_FILES = Fault(
    "too many open files", "this process may open no more files and connections: raise its `ulimit -n`."
)
# The file of SQLite, and those beside it.
_FILES_OF_SQLITE = 4
_OTHER = Fault("not confirmed", "it did not confirm in its time.")

_BY_CODE = {
    "28P01": _PASSWORD,
    "28000": _NO_ROLE,
    "3D000": _NO_DATABASE,
    "53100": _DISK_FULL,
    "53300": _FULL,
    "25006": _READ_ONLY,
    "57014": _TIMED_OUT,
    "55P03": _TIMED_OUT,
    "57P03": _STARTING,
    "57P01": _CUT,
    "57P02": _CUT,
    "42501": _FORBIDDEN,
    "42P01": _UNMIGRATED,
    "42703": _UNMIGRATED,
    "3F000": _UNMIGRATED,
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": _DISK_FULL,
    "SQLITE_READONLY": _FORBIDDEN,
    "SQLITE_CANTOPEN": _UNREADABLE,
    "SQLITE_NOTADB": _UNREADABLE,
    "SQLITE_CORRUPT": _UNREADABLE,
}

# What libpq says where it has no code; of several hosts it says each's, and what can be acted on goes first.
_BY_TEXT = [
    (re.compile(pattern, re.IGNORECASE), fault)
    for pattern, fault in (
        (r"unsupported startup parameter", _POOLER),
        # Before all others: these repeat what was given.
        (
            r"invalid (connection option|\w+ value|port number|integer value|value for parameter|URI)"
            r"|unrecognized configuration parameter|missing \"=\" after",
            _PARAMETER,
        ),
        (r"too many open files", _TOO_MANY_FILES),
        (r"permission denied", _FORBIDDEN),
        (r"not currently accepting connections", _SHUT),
        (r"password authentication failed|no password supplied|wrong password", _PASSWORD),
        (r"role \"[^\"]*\" does not exist|no such user|no pg_hba.conf entry", _NO_ROLE),
        (r"database \"[^\"]*\" does not exist|no such database", _NO_DATABASE),
        (r"certificate|\bSSL\b|\bTLS\b|\bGSS\b", _CERTIFICATE),
        (r"too many (clients|connections)|connection slots", _FULL),
        (r"is not permitted to log in", _NO_ROLE),
        (r"starting up|shutting down|in recovery mode|not yet accepting", _STARTING),
        (r"session is read-only|session is not read-only|is in hot standby mode", _READ_ONLY),
        (
            r"could not translate host name|name or service not known|name resolution|unknown host",
            _UNKNOWN_HOST,
        ),
        (r"refused|no such file or directory|no route to host|network is unreachable", _REFUSED),
        (r"timeout expired|timed out|timeout", _TIMED_OUT),
        (r"server closed the connection|connection (was )?(reset|lost|is closed|not open)|terminat", _CUT),
        (r"no such (table|column)", _UNMIGRATED),
        (r"unable to open|not a database|malformed", _UNREADABLE),
        (r"is locked", _BUSY),
    )
]


def explain(error: BaseException) -> Fault:
    """Tell what a fault is."""
    if isinstance(error, NoConnectionFree):
        return _POOL
    fault = getattr(error, "orig", None) or error
    name = code_of(error) or getattr(fault, "sqlite_errorname", None) or ""
    # SQLite's extended codes begin with the plain one.
    for code, known in _BY_CODE.items():
        if name == code or name.startswith(f"{code}_"):
            # SQLite says the same of both.
            return _TOO_MANY_FILES if known is _UNREADABLE and _lacks_descriptors() else known
    text = str(fault)
    return next((known for pattern, known in _BY_TEXT if pattern.search(text)), _OTHER)


def _lacks_descriptors() -> bool:
    """Tell whether this process could not open what SQLite opens."""
    opened: list[int] = []
    try:
        opened.extend(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC) for _ in range(_FILES_OF_SQLITE))
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    finally:
        for each in opened:
            with suppress(OSError):
                os.close(each)
    return False


def describe(error: BaseException) -> str:
    """Name a fault in words, by its class and its code: its own text may hold values."""
    fault = getattr(error, "orig", None) or error
    code = code_of(error) or getattr(fault, "sqlite_errorname", None)
    return f"{explain(error).kind} ({type(fault).__name__} {code or 'without a code'})"


def sentence(error: BaseException, command: str) -> str:
    """Say what is wrong and what to do about it, for whoever operates the store with this command."""
    fault = explain(error)
    return f"{unusable(fault.kind, is_lasting=fault.is_lasting)}: {fault.advice.format(command=command)}"


def unusable(kind: str, *, is_lasting: bool) -> str:
    """Say that the store can't be used, and whether to wait helps."""
    return f"The store can't be used {'until this is changed ' if is_lasting else ''}({kind})"


def code_of(error: BaseException) -> str | None:
    """Give the SQLSTATE of a fault, where it has one."""
    code: str | None = getattr(getattr(error, "orig", None) or error, "sqlstate", None)
    return code


def is_to_be_repeated(error: BaseException) -> bool:
    """Tell whether nothing was changed, and the same unit of work would go well the next time."""
    return code_of(error) in _TO_BE_REPEATED | _OF_STALE_PLANS


def is_of_a_stale_plan(error: BaseException) -> bool:
    """Tell whether it would fail on the same connection again, whose plans do not fit any more."""
    return code_of(error) in _OF_STALE_PLANS


def kinds(driver: Any) -> tuple[type[Exception], ...]:
    """Give the classes of all faults that a driver, the pool above it, or the system below it raises."""
    return (SQLAlchemyError, driver.Error, OSError)
