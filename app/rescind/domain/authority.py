"""What every operation works with: the store, the settings and the keys of one server."""

from dataclasses import dataclass

from rescind.domain.secrets import Keyring
from rescind.settings import Settings
from rescind.store.engine import Store


@dataclass(frozen=True, slots=True, eq=False)
class Authority:
    """One authorization server with all its tenants. Holds no state of any request."""

    store: Store
    settings: Settings
    keyring: Keyring

    @classmethod
    def open(cls, settings: Settings, database_url: str | None = None) -> "Authority":
        """Make one from settings that hold a secret key. Does not connect to the store yet."""
        url = database_url or settings.resolved_database_url
        return cls(Store(url, pool_size=settings.pool_size), settings, Keyring(settings.secret_key))
