"""One store, and servers on it whose secret keys differ."""

from dataclasses import replace
from pathlib import Path

from rescind.domain.authority import Authority
from rescind.domain.registry import secret_keys
from rescind.settings import Settings
from rescind.web.application import create_app
from tests.servers import Client, Server

OLD, NEW = "the-old-secret-key-0123456789", "the-new-secret-key-0123456789"


class Change:
    """One store, and servers on it whose secret keys are changed."""

    def __init__(self, url: str, folder: Path) -> None:
        self._settings = {"RESCIND_DATABASE_URL": url, "RESCIND_INSTANCE_PATH": str(folder)}
        self.servers: list[Server] = []
        self.opened: list[Authority] = []

    def server(self, *secret_keys: str) -> Server:
        """Start a server with these keys."""
        app = create_app({**self._settings, "RESCIND_SECRET_KEY": ",".join(secret_keys)})
        authority = app.extensions["rescind"].authority
        self.servers.append(Server(authority, app, authority.settings.public_url))
        return self.servers[-1]

    def authority(self, *secret_keys: str) -> Authority:
        """Open the store with these keys, whether it knows them or not."""
        settings = {**self._settings, "RESCIND_SECRET_KEY": ",".join(secret_keys)}
        self.opened.append(Authority.open(Settings.load({}, settings, instance_path="instance")))
        return self.opened[-1]

    def end(self) -> None:
        """Close every connection."""
        for authority in (*self.opened, *(server.authority for server in self.servers)):
            authority.store.dispose()

    def accept(self, *keys: str) -> None:
        """Have the store know these keys alone, as `db upgrade --new-key` does."""
        secret_keys.accept(self.authority(*keys))


def at(client: Client, server: Server) -> Client:
    """Give the same client, speaking to another server."""
    return replace(client, tenant=replace(client.tenant, server=server))
