"""Where the time of one kind of request goes: in this process, on PostgreSQL, without HTTP."""

import contextlib
import cProfile
import io
import pstats
import re
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.test import EnvironBuilder, run_wsgi_app

from rescind import create_app
from rescind.domain.authority import Authority
from rescind.web.application import load_settings
from tests import stores
from tests.benchmarks import product, wire
from tests.benchmarks.kinds import Kind
from tests.servers import Client, Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

REQUESTS = 2000
WARM_UP = 200
FUNCTIONS = 40
_BASE_URL = "http://127.0.0.1:8000"
# Of the path of a file, what every package has in common.
_FOLDERS = re.compile(rf"\S*/site-packages/|{re.escape(str(Path(__file__).parents[2]))}/")


def profile(kind: Kind, settings: dict[str, str]) -> str:
    """Send requests through the application; gives what one cost, and the functions that took most of it.

    The first figures are of as many requests without the profile, which slows Python down and not C.
    """
    with tempfile.TemporaryDirectory(prefix="rescind-profile-") as folder, _logging(Path(folder) / "log"):
        url = stores.migrate(stores.new_database(stores.start_postgresql(Path(folder) / "postgresql")))
        config = {
            "RESCIND_DATABASE_URL": url,
            "RESCIND_SECRET_KEY": secrets.token_urlsafe(32),
            "RESCIND_INSTANCE_PATH": folder,
            "RESCIND_PUBLIC_URL": _BASE_URL,
            **settings,
        }
        app = create_app(config)
        authority = Authority.open(load_settings(config))
        client = Server(authority, app, _BASE_URL).new_tenant().new_client()
        made = _environs(client, kind, WARM_UP + 2 * REQUESTS)
        _send(app.wsgi_app, made[:WARM_UP])
        wall, cpu = time.perf_counter(), time.process_time()
        _send(app.wsgi_app, made[WARM_UP:-REQUESTS])
        microseconds = 1_000_000 / REQUESTS
        wall, cpu = (time.perf_counter() - wall) * microseconds, (time.process_time() - cpu) * microseconds
        profiler = cProfile.Profile()
        profiler.runcall(_send, app.wsgi_app, made[-REQUESTS:])
        authority.store.dispose()
    return f"{kind.name}: {wall:.0f} µs a request, {cpu:.0f} µs of them CPU\n{_most(profiler)}"


@contextlib.contextmanager
def _logging(file: Path) -> Iterator[None]:
    """Have the log go to a file: the line of a request is part of what it costs."""
    with file.open("w") as log, contextlib.redirect_stderr(log), contextlib.redirect_stdout(log):
        yield


def _environs(client: Client, kind: Kind, count: int) -> "list[WSGIEnvironment]":
    tokens = product.tokens(client, kind, count) if kind.token else [""] * count
    builders = (
        EnvironBuilder(
            f"{client.tenant.path}/{kind.endpoint}",
            _BASE_URL,
            method="POST",
            data=kind.form.format(token),
            content_type=wire.FORM,
            headers=[("Authorization", client.basic), ("Accept", "*/*")],
        )
        for token in tokens
    )
    return [builder.get_environ() for builder in builders]


def _send(app: "WSGIApplication", environs: "Iterable[WSGIEnvironment]") -> None:
    for environ in environs:
        pieces, status, _ = run_wsgi_app(app, environ)
        body: Any = b"".join(pieces)
        assert status == "200 OK", f"{status}: {body!r}"


def _most(profiler: cProfile.Profile) -> str:
    text = io.StringIO()
    stats: Any = pstats.Stats(profiler, stream=text)
    stats.sort_stats("tottime").print_stats(FUNCTIONS)
    return _FOLDERS.sub("", text.getvalue())
