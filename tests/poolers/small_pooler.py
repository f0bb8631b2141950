"""A pooler that hands PostgreSQL's sessions out by the transaction, for machines without PgBouncer.

It does what one must know of such a pooler: a client's next transaction runs in any session, settings that a
client asks for when it connects are refused or forgotten, and the number of its session is made up.
"""

import queue
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROTOCOL, _SSL, _GSS, _CANCEL = 196_608, 80_877_103, 80_877_104, 80_877_102
_IGNORED = {"extra_float_digits"}
_NOT_SENT_ON = {"user", "database", "application_name", "client_encoding"}


class _Session:
    """A session of PostgreSQL."""

    def __init__(self, postgres: Path, user: str, database: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(postgres / ".s.PGSQL.5432"))
        words = b"".join(word.encode() + b"\0" for word in ("user", user, "database", database))
        self.socket.sendall(struct.pack("!II", len(words) + 9, _PROTOCOL) + words + b"\0")
        self.parameters = b""
        while (message := _read(self.socket))[:1] != b"Z":
            assert message[:1] != b"E", message
            self.parameters += message if message[:1] == b"S" else b""


class _Pool(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, postgres: Path, sessions: int, *, ignores_options: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Client)
        self.postgres = postgres
        self.sessions = sessions
        self.ignored = _IGNORED | ({"options"} if ignores_options else set())
        self.lock = threading.Lock()
        # By user and database; None stands for one that is not connected yet.
        self.free: dict[tuple[str, str], queue.LifoQueue[_Session | None]] = {}

    def pool(self, user: str, database: str) -> "queue.LifoQueue[_Session | None]":
        with self.lock:
            pool = self.free.setdefault((user, database), queue.LifoQueue())
            if not pool.queue and pool.maxsize == 0:
                pool.maxsize = self.sessions
                for _ in range(self.sessions):
                    pool.put(None)
            return pool


class _Client(socketserver.BaseRequestHandler):
    server: _Pool

    def handle(self) -> None:
        told = self._begin()
        if told is None:
            return
        user, database = told["user"], told.get("database", told["user"])
        pool = self.server.pool(user, database)
        session = pool.get() or _Session(self.server.postgres, user, database)
        pool.put(session)
        made_up = struct.pack("!cIII", b"K", 12, 1, 1)
        self.request.sendall(b"R\0\0\0\x08\0\0\0\0" + session.parameters + made_up + b"Z\0\0\0\x05I")
        held: _Session | None = None
        try:
            while (message := _read(self.request))[:1] not in {b"X", b""}:
                if held is None:
                    held = pool.get() or _Session(self.server.postgres, user, database)
                held.socket.sendall(message)
                if message[:1] in {b"Q", b"S"} and self._answer(held):
                    pool.put(held)
                    held = None
        finally:
            if held is not None:
                # In the middle of something: it is of no use to others.
                held.socket.close()
                pool.put(None)

    def _begin(self) -> dict[str, str] | None:
        """Read what a client says of itself; None where there is nothing more to say to it."""
        while True:
            head = _exactly(self.request, 8)
            if not head:
                return None
            size, code = struct.unpack("!II", head)
            rest = _exactly(self.request, size - 8)
            if code == _CANCEL:
                return None
            if code in {_SSL, _GSS}:
                self.request.sendall(b"N")
                continue
            words = rest.decode().split("\0")
            told = dict(zip(words[::2], words[1::2], strict=False))
            told.pop("", None)
            refused = told.keys() - _NOT_SENT_ON - self.server.ignored
            if refused:
                self._refuse(f"unsupported startup parameter: {min(refused)}")
                return None
            return told

    def _refuse(self, text: str) -> None:
        fields = f"SFATAL\0C08P01\0M{text}\0\0".encode()
        self.request.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)

    def _answer(self, session: _Session) -> bool:
        """Pass an answer on, and tell whether the transaction is over."""
        answer = b""
        while (message := _read(session.socket))[:1] != b"Z":
            answer += message
        # All at once: of many small packets each would wait until the one before is acknowledged.
        self.request.sendall(answer + message)
        return message[5:] == b"I"


def _exactly(source: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        part = source.recv(size - len(read))
        if not part:
            return b""
        read += part
    return read


def _read(source: socket.socket) -> bytes:
    """Read one message; nothing where the other has gone."""
    head = _exactly(source, 5)
    if not head:
        return b""
    return head + _exactly(source, struct.unpack("!I", head[1:])[0] - 4)


@contextmanager
def small_pooler(postgres: Path, *, sessions: int, ignores_options: bool) -> Iterator[int]:
    """Run it in front of a PostgreSQL, and give its port; see `pgbouncer`."""
    with _Pool(postgres, sessions, ignores_options=ignores_options) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            for pool in server.free.values():
                for session in pool.queue:
                    if session is not None:
                        session.socket.close()
