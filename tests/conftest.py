"""Fixtures. Nouns, made through the product's own interfaces, on both stores."""

import gc
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from rescind import create_app
from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.domain.people import passwords
from rescind.web.application import load_settings
from tests import chromium as chromium_browser
from tests import extent, hashes, stores, tenant_conditions, wheels
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
def pytest_collection() -> Generator[None]:
    """Look for no garbage among thousands of tests: not while they are collected, nor at any time later."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


_kept_chromium = chromium_browser.Kept()


@pytest.fixture(scope="session")
def kept_chromium() -> Iterator[chromium_browser.Kept]:
    """Give the Chromium of this process, which ends with it."""
    yield _kept_chromium
    _kept_chromium.end()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """End a Chromium that the next test does not take."""
    if "chromium" not in getattr(item, "fixturenames", ()):
        _kept_chromium.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test that sent a statement in which a tenant's table has no tenant_id condition of its own."""
    yield
    offences, tenant_conditions.offences[:] = tenant_conditions.offences[:], []
    assert offences == []


# What waits or takes long goes first in each third of the tests, so that no process is left alone with it at
# the end. What shares a server or a browser that takes long to start is in one third, and so in one process.
LONG_FIRST = (
    ("outage",),
    ("races", "poolers", "test_packaging.py", "test_from_the_wheel.py", "test_readme.py", "test_manual.py"),
    ("browsers", "sdks", "test_demo_app.py"),
)


# After pytest-randomly, which puts all in another order.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests that take long where each of three processes begins."""
    left_out = set(extent.left_out(config, items))
    config.hook.pytest_deselected(items=[*left_out])
    items[:] = [item for item in items if item not in left_out]
    groups = [
        [item for item in items if {item.path.name, item.path.parent.name} & set(names)]
        for names in LONG_FIRST
    ]
    taken = {item for group in groups for item in group}
    others = [item for item in items if item not in taken]
    ordered: list[pytest.Item] = []
    for number, group in enumerate(groups):
        # As xdist divides them: what is left by as many as there are left.
        share = (len(items) - len(ordered)) // (len(groups) - number)
        rest = max(share - len(group), 0)
        ordered += [*group, *others[:rest]]
        del others[:rest]
    items[:] = [*ordered, *others]


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
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the hash of a password cost next to nothing, where a test is not about its cost."""
    monkeypatch.setattr(passwords, "_HASHER", hashes.HASHER)
    passwords._dummy.cache_clear()
    yield
    passwords._dummy.cache_clear()


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
    """Give a real gunicorn whose public URL is the wire, so that all that clients send is seen.

    Its people's passwords are hashed cheaply: nearly every test that is given it begins with a sign-in.
    """
    folder = tmp_path_factory.mktemp("wired")
    environment = {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
        "RESCIND_PUBLIC_URL": session_wire.url,
    }
    with gunicorn(folder / "log", {**environment, hashes.CHEAP: "yes"}, workers=1) as (base_url, _):
        session_wire.lead_to(base_url)
        authority = Authority.open(load_settings(environment))
        yield Server(authority, None, session_wire.url)
        authority.store.dispose()


@pytest.fixture
def chromium(kept_chromium: chromium_browser.Kept) -> Browser:
    """Give a real Chromium."""
    return kept_chromium.browser()
