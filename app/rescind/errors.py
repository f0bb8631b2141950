"""Every error of the package, drawn as a tree.

    RescindError
    ├── SettingsError        the configuration is wrong; nothing starts
    ├── Refused              the request is understood and turned down; nothing changed
    │   ├── NotFound         it names a tenant, client, grant or session that is not there
    │   ├── AlreadyExists    it would make something a second time
    │   ├── BadValue         a name, URI, scope or the like is not what it must be
    │   └── TokenRefused     the presented code or refresh token can't be used
    └── StoreUnavailable     the store did not confirm; nothing may be reported as done

Errors that an RFC names are Authlib's `OAuth2Error` and stand in `rescind.protocol.rfc6749_errors`.
"""

__all__ = [
    "AlreadyExists",
    "BadValue",
    "NotFound",
    "Refused",
    "RescindError",
    "SettingsError",
    "StoreUnavailable",
    "TokenRefused",
]


class RescindError(Exception):
    """The root. The text of an error is one sentence and holds no token, secret or password."""


class SettingsError(RescindError):
    """A setting is unknown, malformed or missing. The text names it and says what would be right."""


class Refused(RescindError):
    """What was asked can't be done. Nothing changed. The command line exits with 1."""


class NotFound(Refused):
    """The tenant, client, grant or session is not there."""


class AlreadyExists(Refused):
    """The tenant or client is there already."""


class BadValue(Refused):
    """A value is not what it must be. The text says which and what would be right."""


class TokenRefused(Refused):
    """The presented code or refresh token is unknown, another client's, ended, expired or was used before."""


class StoreUnavailable(RescindError):
    """The store did not confirm within its time.

    Nothing may be reported as done: the web answers 503 with `Retry-After`, the command line exits
    with 3. Whether the last statement took effect is not known; every operation may be repeated.
    """
