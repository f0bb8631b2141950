"""What a setting may hold: one function a kind of value, from what was given to what is kept.

Each takes whatever the environment or the Flask configuration holds and raises ValueError or TypeError
for what is no such value. The text of those errors is never shown: it could repeat a secret.
Each accepts its own result, so a value may pass twice.
"""

import os
import re
from collections.abc import Callable, Collection
from ipaddress import IPv6Address, ip_address
from urllib.parse import unquote, urlsplit

__all__ = [
    "LOG_LEVELS",
    "POOLERS",
    "SHORTEST_KEY",
    "database_url",
    "folder",
    "hosts",
    "is_loopback",
    "one_of",
    "public_url",
    "resolve_database_url",
    "secret_keys",
    "sqlite_url",
    "tenant",
    "whole_number",
]

SHORTEST_KEY = 16
LOG_LEVELS = ("debug", "info", "warning", "error")
POOLERS = ("none", "transaction")

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*")

_SQLITE = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<path>[^?]*[^?/])")
# A password may hold anything but an @; of hosts there may be several, each with a port of its own.
_ONE_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^:/?@\[\],\s]*)(?::[0-9]{1,5})?"
_POSTGRESQL = re.compile(
    r"postgres(?:ql)?(?:\+psycopg)?://"
    r"(?P<user>(?:[^:/?\s]*(?::[^@\s]*)?@)?)"
    rf"(?P<hosts>{_ONE_HOST}(?:,{_ONE_HOST})*)"
    r"(?P<database>(?:/[^?\s]*)?)(?P<query>(?:\?\S*)?)"
)


def whole_number(minimum: int, maximum: int) -> Callable[[object], int]:
    """Make the function that admits whole numbers of this range, also as decimal digits."""

    def parse(value: object) -> int:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value) else value
        if not isinstance(number, int) or isinstance(number, bool) or not minimum <= number <= maximum:
            raise ValueError
        return number

    return parse


def one_of(words: Collection[str]) -> Callable[[object], str]:
    """Make the function that admits one of these words, in any case."""

    def parse(value: object) -> str:
        word = value.lower() if isinstance(value, str) else value
        if not isinstance(word, str) or word not in words:
            raise ValueError
        return word

    return parse


def folder(value: object) -> str:
    """Admit the path of a folder, made absolute: a later change of the working directory moves nothing."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError
    return os.path.abspath(_text(os.fspath(value)))


def tenant(value: object) -> str | None:
    """Admit what could name a tenant, or None for none."""
    return None if value is None else _text(value)


def secret_keys(value: object) -> tuple[str, ...]:
    """Admit keys, the one that makes first: a list, or a string that is split at its commas."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise TypeError
    keys = tuple(_text(item).strip() for item in items)
    # Without commas in a key, a list and a string of the same keys always mean the same.
    if any(len(key) < SHORTEST_KEY or "," in key for key in keys):
        raise ValueError
    return keys


def public_url(value: object) -> str:
    """Admit the URL under which clients reach the server.

    RFC 8414 section 2: an issuer has no query and no fragment. Clients compare it character by character,
    so whatever a client might write in another way (capitals in the host, dots in the path) is refused.
    """
    text = _text(value)
    parts = urlsplit(text)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{IPv6Address(host)}]"
    elif not _HOST.fullmatch(host):
        raise ValueError
    port = "" if parts.port is None else f":{parts.port}"
    if parts.scheme not in ("http", "https") or "%" in host or not _PATH.fullmatch(parts.path):
        raise ValueError
    if text != f"{parts.scheme}://{host}{port}{parts.path}":
        raise ValueError
    return text


def hosts(value: object) -> tuple[str, ...]:
    """Admit names of hosts, each with its port where that is not 443: a list, or a string with commas."""
    items = [each for each in value.split(",") if each] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise TypeError
    found = tuple(_text(item).strip() for item in items)
    for each in found:
        parts = urlsplit(f"//{each}")
        if parts.port == 443 or not _HOST.fullmatch(parts.hostname or "") or parts.netloc != each:
            raise ValueError
        if each != (parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"):
            raise ValueError
    return found


def is_loopback(url: str) -> bool:
    """Tell whether only this machine can reach the host of the URL, as far as its text says."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def database_url(value: object) -> str | None:
    """Admit the URL of a PostgreSQL database or of a SQLite file, or None for the default."""
    if value is None:
        return None
    text = _text(value)
    if not _POSTGRESQL.fullmatch(text):
        _sqlite_path(text)
    return text


def resolve_database_url(url: str, instance_path: str) -> str:
    """Name the driver, and give a SQLite file its full path: a relative one is in the instance folder."""
    if found := _POSTGRESQL.fullmatch(url):
        return f"postgresql+psycopg://{found['user']}{_with_hosts(**found.groupdict())}"
    return sqlite_url(os.path.join(instance_path, _sqlite_path(url)))


def _with_hosts(*, hosts: str, database: str, query: str, **_: str) -> str:
    """Write what comes behind the user as SQLAlchemy reads it: several hosts stand in the query."""
    if "," not in hosts:
        return f"{hosts}{database}{query}"
    # Neither has brackets there, in which SQLAlchemy would not know an address of IPv6.
    split = [re.fullmatch(r"\[?(.*?)\]?(?::(\d+))?", each, re.DOTALL) for each in hosts.split(",")]
    names, ports = zip(*[found.groups("") for found in split if found], strict=True)
    given = f"host={','.join(names)}&port={','.join(ports)}"
    return f"{database or '/'}?{given}{query.replace('?', '&', 1)}"


def sqlite_url(path: str) -> str:
    """Make the URL of a SQLite file. SQLAlchemy 2.1 decodes percent signs in it and cuts it at `?`."""
    return "sqlite:///" + path.replace("%", "%25").replace("?", "%3F")


def sqlite_path(url: str) -> str | None:
    """Give the path of the SQLite file that a resolved URL names; None of another database."""
    before, found, path = url.partition("sqlite:///")
    return path.replace("%3F", "?").replace("%25", "%") if found and not before else None


def _sqlite_path(url: str) -> str:
    found = _SQLITE.fullmatch(url)
    if not found:
        raise ValueError
    path = unquote(found["path"])
    # In memory each worker process has a database of its own, and sees nothing of what another revoked.
    if path == ":memory:" or path.startswith("file:"):
        raise ValueError
    return _text(path)


def _text(value: object) -> str:
    """Admit a string that is not empty. What is not printable, as NUL is, fits no key or file."""
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError
    return value
