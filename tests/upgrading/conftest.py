"""A store of the version before, and both versions on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from rescind.domain.authority import Authority
from rescind.domain.registry import tenants
from rescind.store import migrating
from rescind.web.application import load_settings
from tests import stores
from tests.conftest import SECRET_KEY
from tests.servers import Client, Server, Tenant, gunicorn
from tests.store.apart import new_url
from tests.upgrading.before import Before

TENANT = "bifrost"


@dataclass(frozen=True)
class Older:
    """A store that the version before has made, with a tenant and a client."""

    before: Before
    authority: Authority
    registered: dict[str, Any]

    def client_at(self, base_url: str) -> Client:
        """Give the client as it calls a server."""
        tenant = Tenant(Server(self.authority, None, base_url), tenants.get(self.authority, TENANT))
        return Client(tenant, self.registered["client_id"], self.registered["client_secret"])


@pytest.fixture(scope="module", params=stores.BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Give each kind of store in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def older(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Older]:
    """Make the store with the version before."""
    folder = tmp_path_factory.mktemp("before")
    url = new_url(backend, folder, lambda: request.getfixturevalue("postgresql"))
    settings = {
        "RESCIND_DATABASE_URL": url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
    }
    before = Before.unpacked(folder / "package", settings)
    before.rescind("db", "upgrade")
    before.rescind("tenant", "create", TENANT)
    options = ["--grant-type", "client_credentials", "--grant-type", "authorization_code"]
    options += ["--grant-type", "refresh_token", "--redirect-uri", "https://client.example/callback"]
    (registered,) = before.rescind("client", "create", "--tenant", TENANT, *options)
    authority = Authority.open(load_settings(settings))
    yield Older(before, authority, registered)
    authority.store.dispose()


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

    def code_of(self, maker: str, subject: str) -> tuple[str, str]:
        """Sign a subject in, and make a code in that session: its sid, and the code."""
        if maker == "before":
            (made,) = self.older.before.make(TENANT, self.before.client_id, subject)
            return made["sid"], made["code"]
        sid = self.this.tenant.new_session(subject)
        return sid, self.this.mint_code(subject, session_sid=sid)


@pytest.fixture(scope="module")
def mixed(older: Older, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mixed]:
    """Run the first step of the upgrade, and a server of each version."""
    folder = tmp_path_factory.mktemp("mixed")
    migrating.upgrade(older.authority.store)
    with (
        older.before.serving(folder / "before.log") as before,
        gunicorn(folder / "this.log", older.before.settings, workers=1) as (this, _),
    ):
        yield Mixed(older, older.client_at(before), older.client_at(this))
