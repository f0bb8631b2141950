"""Whether an address can be listened on, asked before a server tries, which tries for seconds."""

import socket
from contextlib import closing
from typing import Any

import click

from rescind.errors import Refused

MOST_PORT = 65_535


def check_free(bind: str) -> None:
    """Look whether a server could listen on a host and port; a path or a descriptor is left to gunicorn.

    Raises:
        UsageError: it is no address.
        Refused: it can't be listened on, by this process or just now.
    """
    from gunicorn import systemd
    from gunicorn.util import parse_address

    try:
        address: Any = parse_address(bind)  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError):
        raise _no_address(bind) from None
    # A socket that systemd hands over is the one that is listened on.
    if not isinstance(address, tuple) or systemd.listen_fds(False):  # type: ignore[no-untyped-call]
        return
    host, port = address[:2]
    # gunicorn takes a host without a port, and a port without a host for a host.
    if not bind.endswith(f":{port}") or not 1 <= port <= MOST_PORT:
        raise _no_address(bind)
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, found = known[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "no such address"
        raise Refused(f"Nothing can listen on {bind} ({reason}): name another address with --bind.") from None


def _no_address(bind: str) -> click.UsageError:
    return click.UsageError(f"--bind is HOST:PORT with a port of 1 to {MOST_PORT}, and {bind!r} is not.")
