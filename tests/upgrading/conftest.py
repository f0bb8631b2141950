"""A store of the version before, and both versions on it."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select

from rescind.domain.authority import Authority
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.revoking.selectors import Session
from rescind.store import migrating
from rescind.store.records import TenantRecord
from rescind.store.tables import tenants as rows
from rescind.web.application import load_settings
from tests import stores
from tests.servers import CALLBACK, SECRET_KEY, Client, Server, Tenant, gunicorn
from tests.store.apart import new_url
from tests.upgrading.before import Before, unpack

TENANT = "bifrost"
OLD_COLUMNS = (rows.c.id, rows.c.name, rows.c.epoch, rows.c.disabled_at, rows.c.created_at)


@dataclass(frozen=True)
class Older:
    """A store that the version before has made, with a tenant and a client."""

    before: Before
    authority: Authority
    registered: dict[str, Any]

    def client_at(self, base_url: str) -> Client:
        """Give the client as it calls a server; before the upgrade too, when its tenant lacks columns."""
        with self.authority.store.opened() as connection:
            columns = (each.label(each.name) for each in OLD_COLUMNS)
            found = connection.execute(select(*columns).where(rows.c.name == TENANT)).one()
        record = TenantRecord(
            **found._asdict(), refreshing=None, read_at=0, standing=None, default_resource=None
        )
        tenant = Tenant(Server(self.authority, None, base_url), record)
        return Client(tenant, self.registered["client_id"], self.registered["client_secret"])


@dataclass(frozen=True)
class Made:
    """A store as the version before has made it, to be copied: nobody is connected to it."""

    url: str
    package: Path
    registered: dict[str, Any]

    @contextlib.contextmanager
    def copied(self, folder: Path, postgresql: Callable[[], stores.PostgresServer]) -> Iterator[Older]:
        """Give a copy of it."""
        settings = {
            "RESCIND_DATABASE_URL": self._copy(folder, postgresql),
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_INSTANCE_PATH": str(folder),
        }
        authority = Authority.open(load_settings(settings))
        try:
            with Before.at(self.package, settings) as before:
                yield Older(before, authority, self.registered)
        finally:
            authority.store.dispose()

    def _copy(self, folder: Path, postgresql: Callable[[], stores.PostgresServer]) -> str:
        if self.url.startswith("sqlite"):
            copy = shutil.copy(str(make_url(self.url).database), folder / "copy.sqlite3")
            return f"sqlite:///{copy}"
        return stores.new_database(postgresql(), template=make_url(self.url).database)


@pytest.fixture(scope="session")
def made() -> dict[str, Made]:
    """Keep the stores that were made, one of each kind."""
    return {}


@pytest.fixture(scope="module", params=stores.BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Give each kind of store in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def older_store(
    backend: str,
    made: dict[str, Made],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Callable[[], contextlib.AbstractContextManager[Older]]:
    """Give what gives a copy of a store of the version before."""

    def postgresql() -> stores.PostgresServer:
        server: stores.PostgresServer = request.getfixturevalue("postgresql")
        return server

    if backend not in made:
        folder = tmp_path_factory.mktemp("before")
        made[backend] = _make(new_url(backend, folder, postgresql), folder)
    return lambda: made[backend].copied(tmp_path_factory.mktemp("copy"), postgresql)


def _make(url: str, folder: Path) -> Made:
    settings = {
        "RESCIND_DATABASE_URL": url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
    }
    package = folder / "package"
    unpack(package)
    options = ["--grant-type", "client_credentials", "--grant-type", "authorization_code"]
    options += ["--grant-type", "refresh_token", "--redirect-uri", CALLBACK]
    with Before.at(package, settings) as before:
        before.rescind("db", "upgrade")
        before.rescind("tenant", "create", TENANT)
        (registered,) = before.rescind("client", "create", "--tenant", TENANT, *options)
    return Made(url, package, registered)


@pytest.fixture
def older(older_store: Callable[[], contextlib.AbstractContextManager[Older]]) -> Iterator[Older]:
    """Give a store of the version before."""
    with older_store() as older:
        yield older


@dataclass(frozen=True)
class Mixed:
    """Workers of both versions on one store, in the midst of an upgrade: the client at each of them."""

    older: Older
    before: Client
    this: Client

    @property
    def both(self) -> tuple[Client, Client]:
        """The client at each version."""
        return self.before, self.this

    def ways(self, maker: str) -> tuple[Client, Client]:
        """Give the client at the version that makes something, and at the other."""
        return self.both if maker == "before" else (self.this, self.before)

    def are_active(self, *tokens: str) -> list[bool]:
        """Ask both versions about each token."""
        return [client.is_active(token) for token in tokens for client in self.both]

    def code_of(self, maker: str, subject: str, client: Client | None = None) -> tuple[str, str]:
        """Sign a subject in, and make a code in that session: its sid, and the code."""
        client = client or self.this
        if maker == "before":
            (made,) = self.older.before.make(TENANT, client.client_id, subject)
            return made["sid"], made["code"]
        sid = self.this.tenant.new_session(subject)
        return sid, client.mint_code(subject, session_sid=sid)

    def new_listener(self, uri: str) -> Client:
        """Register a client that hears of logouts."""
        return self.this.tenant.new_client(
            redirect_uris=(CALLBACK,),
            grant_types=("authorization_code", "refresh_token"),
            backchannel_logout_uri=uri,
        )

    def end_session(self, sid: str, *, by: str) -> None:
        """End a session, as an operator does with either version."""
        if by == "before":
            self.older.before.rescind("revoke", "session", sid, "--tenant", TENANT, "--yes")
        else:
            revoke(self.older.authority, Session(TENANT, sid), Cause("logout", "operator:test"))


@pytest.fixture(scope="module")
def mixed(
    older_store: Callable[[], contextlib.AbstractContextManager[Older]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mixed]:
    """Run the first step of the upgrade, and a server of each version."""
    folder = tmp_path_factory.mktemp("mixed")
    with older_store() as older:
        migrating.upgrade(older.authority.store)
        with (
            older.before.serving(folder / "before.log") as before,
            gunicorn(folder / "this.log", older.before.settings, workers=1) as (this, _),
        ):
            yield Mixed(older, older.client_at(before), older.client_at(this))
