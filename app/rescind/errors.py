"""Every error of the package, drawn as a tree.

    RescindError
    ├── SettingsError        the configuration is wrong; nothing starts
    ├── Refused              the request is understood and turned down; nothing changed
    │   ├── NotFound         it names a tenant, client, grant or session that is not there
    │   ├── AlreadyExists    it would make something a second time
    │   ├── AlreadyPurging   another worker does so, and one at a time is enough
    │   ├── BadValue         a name, URI, scope or the like is not what it must be
    │   ├── TokenRefused     the presented code or refresh token can't be used
    │   ├── SignInRefused    the username and the password are not those of somebody who may sign in
    │   └── SignInThrottled  too many have tried; nothing was looked at
    └── StoreUnavailable     the store did not confirm; nothing may be reported as done

Errors that an RFC names are Authlib's `OAuth2Error` and stand in `rescind.protocol.rfc6749_errors`.
"""

__all__ = [
    "AlreadyExists",
    "AlreadyPurging",
    "BadValue",
    "NotFound",
    "Refused",
    "RescindError",
    "SettingsError",
    "SignInRefused",
    "SignInThrottled",
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


class AlreadyPurging(Refused):
    """Another worker is purging, and goes on with it."""

    def __init__(self) -> None:
        super().__init__("Another worker is purging already, and goes on with it.")


class BadValue(Refused):
    """A value is not what it must be. The text says which and what would be right."""


class TokenRefused(Refused):
    """The presented code or refresh token is unknown, another client's, ended, expired or was used before."""


class SignInRefused(Refused):
    """Nobody signs in with this username and password. Always the same text, whatever the reason."""

    def __init__(self) -> None:
        super().__init__("The username or the password is not right.")


class SignInThrottled(Refused):
    """There were too many attempts to sign in. Whether the password was right is not known.

    Attributes:
        retry_after_seconds: when it is worth trying again.
    """

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("There were too many attempts to sign in: try again later.")
        self.retry_after_seconds = retry_after_seconds


class StoreUnavailable(RescindError):
    """The store did not confirm within its time.

    Nothing may be reported as done: the web answers 503 with `Retry-After`, the command line exits
    with 3. Whether the last statement took effect is not known; every operation may be repeated.

    Attributes:
        kind: what went wrong in a few words, which anybody may read; the text is for who operates it.
        is_lasting: whether it stays so until somebody changes something.
    """

    def __init__(
        self,
        text: str = "The store did not confirm.",
        kind: str = "not confirmed",
        *,
        is_lasting: bool = False,
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.is_lasting = is_lasting
