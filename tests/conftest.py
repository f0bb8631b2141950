"""Fixtures. Nouns, made through the product's own interfaces, on both stores."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from rescind import create_app
from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.web.application import load_settings
from tests import chromium as chromium_browser
from tests import extent, stores, tenant_conditions, wheels
from tests.domain.revoking.logouts import NOW, listening_client
from tests.receivers import Receiver, receiving
from tests.servers import SECRET_KEY, Client, Server, Tenant, gunicorn
from tests.wire import Wire


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured, also when they pass, and whichever process they ran in."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    called = [report for report in reports if getattr(report, "when", None) == "call"]
    figures = [text for report in called for name, text in report.user_properties if name == "figure"]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write("".join(f"{text}\n" for text in sorted(map(str, figures))))


@pytest.fixture
def figure(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[[str], None]:
    """Take a figure, to be printed at the end of the run with the store on which it was measured."""
    _, _, parameters = request.node.name.partition("[")
    return lambda text: record_property("figure", f"{text} [{parameters}" if parameters else text)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test that sent a statement in which a tenant's table has no tenant_id condition of its own."""
    yield
    offences, tenant_conditions.offences[:] = tenant_conditions.offences[:], []
    assert offences == []


# What waits or takes long goes first in each half of the tests, so that no process is left alone with it at
# the end. The outages are in one half, as each process would have a PostgreSQL of its own for them.
LONG_FIRST = (("outage",), ("races", "test_packaging.py", "test_from_the_wheel.py", "test_readme.py"))


# After pytest-randomly, which puts all in another order.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests that take long where two processes begin."""
    left_out = set(extent.left_out(config, items))
    config.hook.pytest_deselected(items=[*left_out])
    items[:] = [item for item in items if item not in left_out]
    first, second = (
        [item for item in items if {item.path.name, item.path.parent.name} & set(names)]
        for names in LONG_FIRST
    )
    taken = {item.nodeid for item in (*first, *second)}
    others = [item for item in items if item.nodeid not in taken]
    half = max(len(items) // 2 - len(first), 0)
    items[:] = [*first, *others[:half], *second, *others[half:]]


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Give a folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def wheel_environment(shared_folder: Path) -> wheels.Environment:
    """Give an environment with the wheel and what it is locked to, and nothing else."""
    return wheels.with_the_wheel(shared_folder)


@pytest.fixture(scope="session")
def postgresql(shared_folder: Path) -> stores.PostgresServer:
    """Run one PostgreSQL for all processes of this run."""
    return stores.start_postgresql(stores.made_before() or shared_folder / "postgresql")


@pytest.fixture(scope="session", params=stores.BACKENDS)
def store_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the URL of a migrated store of this process, on each kind of database in turn."""
    if request.param == "sqlite":
        return stores.new_migrated_file(tmp_path_factory.mktemp("sqlite") / "rescind.sqlite3")
    return stores.new_migrated_database(request.getfixturevalue("postgresql"))


@pytest.fixture(scope="session")
def servers(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Keep the applications that were made on this store, one for each set of settings."""
    made: dict[str, Server] = {}
    yield made
    for server in made.values():
        server.authority.store.dispose()


@pytest.fixture
def server(
    request: pytest.FixtureRequest,
    servers: dict[str, Server],
    store_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Give the application in this process, with the options of the test's `settings` mark."""
    options = {
        f"RESCIND_{name.upper()}": value
        for mark in reversed(list(request.node.iter_markers("settings")))
        for name, value in mark.kwargs.items()
    }
    key = repr(sorted(options.items()))
    if key not in servers:
        standard = {
            "RESCIND_DATABASE_URL": store_url,
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_INSTANCE_PATH": str(tmp_path_factory.mktemp("instance")),
        }
        app = create_app(standard | options)
        authority = app.extensions["rescind"].authority
        servers[key] = Server(authority, app, authority.settings.public_url)
    yield servers[key]
    clock.set(None)


@pytest.fixture
def tenant(server: Server) -> Tenant:
    """Give a tenant of this test alone."""
    return server.new_tenant()


@pytest.fixture
def other_tenant(server: Server) -> Tenant:
    """Give a second tenant of this test alone."""
    return server.new_tenant()


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a confidential client with the scope `read write`."""
    return tenant.new_client(scope="read write")


@pytest.fixture
def public_client(tenant: Tenant) -> Client:
    """Give a public client."""
    return tenant.new_client(is_public=True, scope="read write")


@pytest.fixture
def mallory(tenant: Tenant) -> Client:
    """Give another confidential client of the same tenant."""
    return tenant.new_client(scope="read write")


@pytest.fixture
def resource_server(tenant: Tenant) -> Client:
    """Give a client that may ask about every access token of the tenant."""
    return tenant.new_client(is_resource_server=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a client's own server, to which logout tokens are posted."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def far_ahead(server: Server) -> None:
    """Let a test begin at a time at which no server beside it finds what it has to deliver due."""
    clock.set(NOW)


@pytest.fixture
def listener(far_ahead: None, tenant: Tenant, receiver: Receiver) -> Client:
    """Give a client that hears of logouts."""
    return listening_client(tenant, receiver.uri)


@pytest.fixture(scope="session")
def live_server(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a real gunicorn with two workers; the test's own authority works on the same store."""
    folder = tmp_path_factory.mktemp("gunicorn")
    environment = {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
    }
    with gunicorn(folder / "log", environment) as (base_url, _):
        authority = Authority.open(load_settings({**environment, "RESCIND_PUBLIC_URL": base_url}))
        yield Server(authority, None, base_url)
        authority.store.dispose()


@pytest.fixture(scope="session")
def session_wire() -> Iterator[Wire]:
    """Give the wire that leads to `wired_server`."""
    with Wire().open() as opened:
        yield opened


@pytest.fixture
def wire(session_wire: Wire) -> Wire:
    """Give the wire that leads to `wired_server`, with nothing seen yet."""
    session_wire.clear()
    return session_wire


@pytest.fixture(scope="session")
def wired_server(
    store_url: str, session_wire: Wire, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a real gunicorn whose public URL is the wire, so that all that clients send is seen."""
    folder = tmp_path_factory.mktemp("wired")
    environment = {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
        "RESCIND_PUBLIC_URL": session_wire.url,
    }
    with gunicorn(folder / "log", environment, workers=1) as (base_url, _):
        session_wire.lead_to(base_url)
        authority = Authority.open(load_settings(environment))
        yield Server(authority, None, session_wire.url)
        authority.store.dispose()


# Of a module: while it runs, the thread has an event loop, and no other can be started.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Run a real Chromium."""
    with chromium_browser.launched() as browser:
        yield browser
