"""What every operation works with: the store, the settings and the keys of one server."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rescind.domain.registry.client_throttle import ClientThrottle
from rescind.domain.registry.document_memory import DocumentMemory
from rescind.domain.registry.document_turns import DocumentTurns
from rescind.domain.secrets import Keyring
from rescind.errors import SettingsError
from rescind.secret_key import made_at
from rescind.setting_values import sqlite_url
from rescind.settings import Settings
from rescind.store.engine import Store

_DAY_SECONDS = 86_400

# What a host says of a person: of which tenant, of whom, and for which scope.
HostClaims = Callable[[str, str, tuple[str, ...]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Authority:
    """One authorization server with all its tenants. Holds no state of any request.

    Attributes:
        client_throttle: which clients have failed to authenticate, in the memory of this process alone.
        document_memory: the documents of clients that were fetched, in the same way.
        document_turns: how many of them are being fetched, and for whom.
        host_claims: says what clients are told of people, in the place of what is known of users.
        has_users: whether the people who sign in are the users of the store, and not those of a host.
    """

    store: Store
    settings: Settings
    keyring: Keyring
    client_throttle: ClientThrottle = field(default_factory=ClientThrottle, repr=False)
    document_memory: DocumentMemory = field(default_factory=DocumentMemory, repr=False)
    document_turns: DocumentTurns = field(default_factory=DocumentTurns, repr=False)
    host_claims: HostClaims | None = field(default=None, repr=False)
    has_users: bool = True

    @property
    def audit_seconds(self) -> int:
        """How long the record of what was done is kept."""
        return self.settings.audit_days * _DAY_SECONDS

    @property
    def registered_client_seconds(self) -> int:
        """How long a client that came by itself is kept without a live grant."""
        return self.settings.registered_client_days * _DAY_SECONDS

    @property
    def has_claims(self) -> bool:
        """Whether there is anything to tell of people but who they are."""
        return self.has_users or self.host_claims is not None

    @classmethod
    def open(
        cls, settings: Settings, database_url: str | None = None, *, command: str = "rescind"
    ) -> "Authority":
        """Make one from settings that hold a secret key. Does not connect to the store yet.

        Args:
            database_url: in the place of the one in the settings.
            command: what whoever operates the server types for ours.

        Raises:
            SettingsError: the database's driver is not installed, or the folder of a SQLite file is not
                there and, where that is the instance folder, can't be made.
        """
        url = database_url or settings.resolved_database_url
        if url.startswith(sqlite_url(os.path.join(settings.instance_path, ""))):
            _make_folder(settings.instance_path)
        try:
            store = Store(
                url,
                pool_size=settings.pool_size,
                pooler=settings.database_pooler,
                lease_seconds=settings.lease_seconds,
                command=command,
            )
        except ModuleNotFoundError:
            raise SettingsError("PostgreSQL needs psycopg: pip install 'rescind[postgres]'.") from None
        if store.is_sqlite:
            _check_file(store.address)
        keyring = Keyring(settings.secret_key)
        keyring.made_at = made_at(settings)
        return cls(store, settings, keyring)


def _check_file(path: str) -> None:
    """Look whether a SQLite file could be where it is to be; to wait and try again would change nothing."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise SettingsError(
            f"The folder {folder} of the SQLite file is not there: make it, or set RESCIND_DATABASE_URL."
        )
    if os.path.isdir(path):
        raise SettingsError(f"{path} is a folder, and no SQLite file: set RESCIND_DATABASE_URL.")


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(
            f"The instance folder {path} can't be made ({reason}): set RESCIND_INSTANCE_PATH."
        ) from None
