"""The peers as contenders. The programs are in peers/, which tell what was set for each, and why.

A program takes `prepare CLIENT...`, which makes its tables and clients, and `issue CLIENT KIND COUNT`, which
inserts tokens (the kind is "access" or "refresh") with its own models, and prints them. A client is named
like the kind of its requests.
"""

import base64
import contextlib
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests import node_packages, stores
from tests.benchmarks import contenders, peer_packages
from tests.benchmarks.contenders import Account, Contender
from tests.benchmarks.kinds import KINDS, Kind
from tests.benchmarks.serving import Postgresql, Process, Size
from tests.servers import free_port, running


@dataclass(frozen=True)
class Peer:
    """A server that is compared with the product.

    Attributes:
        program: gives the command to which the arguments of a program are added.
        serving: gives the command that serves on a port.
        counts: the statements that count what requests of each kind have changed.
    """

    name: str
    program: Callable[[], list[str | Path]]
    serving: Callable[[int, Size], list[str | Path]]
    counts: dict[str, str]


def _python(name: str, application: str, counts: dict[str, str]) -> Peer:
    module = name.replace("-", "_")

    def program() -> list[str | Path]:
        return [peer_packages.python(), peer_packages.PROGRAMS / f"{module}.py"]

    def serving(port: int, size: Size) -> list[str | Path]:
        settings = peer_packages.PROGRAMS / "gunicorn_settings.py"
        options = ["--workers", str(size.workers), "--threads", str(size.threads)]
        gunicorn: list[str | Path] = [peer_packages.python(), "-m", "gunicorn", "-c", settings, *options]
        return [*gunicorn, "--bind", f"127.0.0.1:{port}", f"{module}:{application}"]

    return Peer(name, program, serving, counts)


def _node(name: str, counts: dict[str, str]) -> Peer:
    def program() -> list[str | Path]:
        return [node_packages.node(), peer_packages.node_program(f"{name.replace('-', '_')}.mjs")]

    return Peer(name, program, lambda port, size: [*program(), "serve", str(port)], counts)


_AUTHLIB_TOKENS = "SELECT count(*) FROM oauth2_token WHERE client_id = :client"
_DJANGO_OWNED = """
    JOIN oauth2_provider_application ON oauth2_provider_application.id = application_id
    WHERE client_id = :client
"""
_NODE_ARTEFACTS = "FROM artefacts WHERE client_id = :client"

PEERS = (
    _python(
        "plain-authlib",
        "create_app()",
        {
            "revoke": f"{_AUTHLIB_TOKENS} AND access_token_revoked_at > 0",
            "client_credentials": _AUTHLIB_TOKENS,
            "refresh": f"{_AUTHLIB_TOKENS} AND refresh_token_revoked_at > 0",
        },
    ),
    _python(
        "django-oauth-toolkit",
        "application",
        {
            "revoke": f"SELECT :issued - count(*) FROM oauth2_provider_accesstoken {_DJANGO_OWNED}",
            "client_credentials": f"SELECT count(*) FROM oauth2_provider_accesstoken {_DJANGO_OWNED}",
            "refresh": (
                f"SELECT count(*) FROM oauth2_provider_refreshtoken {_DJANGO_OWNED} AND revoked IS NOT NULL"
            ),
        },
    ),
    _node(
        "node-oidc-provider",
        {
            "revoke": f"SELECT :issued - count(*) {_NODE_ARTEFACTS}",
            "client_credentials": f"SELECT count(*) {_NODE_ARTEFACTS} AND model = 'ClientCredentials'",
            "refresh": f"SELECT count(*) {_NODE_ARTEFACTS} AND consumed_at IS NOT NULL",
        },
    ),
)


@contextlib.contextmanager
def serve(
    peer: Peer, postgresql: Postgresql, folder: Path, size: Size, connections: int
) -> Iterator[Contender]:
    """Serve a peer on a new database of the PostgreSQL that the product is on."""
    url, secret, port = stores.new_database(postgresql.server), secrets.token_hex(16), free_port()
    environment = {
        "PYTHONPATH": str(peer_packages.PROGRAMS),
        "PEER_CLIENTS": " ".join(kind.name for kind in KINDS),
        "PEER_SECRET": secret,
        "PEER_THREADS": str(size.threads),
        "PEER_CONNECTIONS": str(connections),
        **_libpq(url),
    }

    def call(*arguments: str) -> list[str]:
        command = [*peer.program(), *arguments]
        answer = subprocess.run(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True
        )
        return answer.stdout.split()

    def account(kind: Kind) -> Account:
        def count(issued: int) -> int:
            values = {"client": kind.name, "issued": issued}
            return contenders.count(url, peer.counts[kind.name], **values)

        basic = "Basic " + base64.b64encode(f"{kind.name}:{secret}".encode()).decode()
        return Account(
            f"/{kind.endpoint}",
            basic,
            lambda count: call("issue", kind.name, str(kind.token), str(count)),
            count,
        )

    call("prepare", *(kind.name for kind in KINDS))
    base_url, log = f"http://127.0.0.1:{port}", folder / f"{peer.name}.log"
    with running(peer.serving(port, size), base_url, log, environment) as process:
        yield Contender(peer.name, "postgresql", Process(port, process.pid, postgresql.pid), url, account)


def _libpq(url: str) -> dict[str, str]:
    """Give the variables by which libpq, and what follows it, finds a database."""
    parts = make_url(url)
    host = parts.query.get("host") or parts.host
    variables = {"PGHOST": host, "PGPORT": parts.port, "PGUSER": parts.username, "PGDATABASE": parts.database}
    return {name: str(value) for name, value in variables.items() if value}
