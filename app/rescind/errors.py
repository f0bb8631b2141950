"""Every error of the package, drawn as a tree.

    RescindError
    ├── SettingsError        the configuration is wrong; nothing starts
    ├── Refused              the request is understood and turned down; nothing changed
    │   ├── NotFound         it names a tenant, client, grant or session that is not there
    │   ├── AlreadyExists    it would make something a second time
    │   ├── AlreadyPurging   another worker does so, and one at a time is enough
    │   ├── BadValue         a name, URI, scope or the like is not what it must be
    │   ├── ClientDisabled   the client gets nothing until it is enabled, and nothing was used up
    │   ├── DeviceRefused    the device gets nothing yet, or nothing at all
    │   ├── TokenRefused     the presented code or refresh token can't be used
    │   ├── TargetRefused    tokens are asked for a resource for which there are none
    │   ├── RegistrationThrottled  too many clients have registered themselves; nothing was looked at
    │   ├── SignInRefused    the username and the password are not those of somebody who may sign in
    │   ├── CodesThrottled   too many codes of devices were wrong; nothing was looked at
    │   ├── DevicesThrottled too many devices have begun at one address
    │   ├── SignInThrottled  too many have tried; nothing was looked at
    │   ├── TooBusy          others have all that this process does of it at once; nothing was looked at
    │   ├── DocumentRefused  what describes a client is not there, or says what it may not
    │   └── DocumentUnavailable  it can't be had just now
    └── StoreUnavailable     the store did not confirm; nothing may be reported as done

Errors that an RFC names are Authlib's `OAuth2Error` and stand in `rescind.protocol.rfc6749_errors`.
"""

from typing import ClassVar

__all__ = [
    "AlreadyExists",
    "AlreadyPurging",
    "BadValue",
    "ClientDisabled",
    "CodesThrottled",
    "DeviceRefused",
    "DevicesThrottled",
    "DocumentRefused",
    "DocumentUnavailable",
    "NotFound",
    "Refused",
    "RegistrationThrottled",
    "RescindError",
    "SettingsError",
    "SignInRefused",
    "SignInThrottled",
    "StoreUnavailable",
    "TargetRefused",
    "TokenRefused",
    "TooBusy",
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


class ClientDisabled(Refused):
    """An operator has disabled the client. What it was given holds, and is active when it is enabled."""

    def __init__(self) -> None:
        super().__init__(
            "The client is disabled: nothing is given to it and its tokens are not active, "
            "until an operator enables it again."
        )


class DeviceRefused(Refused):
    """A device gets nothing, by RFC 8628 section 3.5.

    Attributes:
        code: `authorization_pending`, `slow_down`, `access_denied` or `expired_token`.
    """

    _TEXTS: ClassVar[dict[str, str]] = {
        "authorization_pending": "Nobody has said yes or no yet: ask again after the interval.",
        "slow_down": "That was too soon: ask again after an interval that is five seconds longer.",
        "access_denied": "The person said no.",
        "expired_token": "The device code has expired: begin anew.",
    }

    def __init__(self, code: str) -> None:
        super().__init__(self._TEXTS[code])
        self.code = code


class CodesThrottled(Refused):
    """There were too many wrong codes of devices, of one person or from one address."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Too many codes were wrong, yours or those of others at your address. "
            f"Try again in {_in_words(retry_after_seconds)}."
        )
        self.retry_after_seconds = retry_after_seconds


class DevicesThrottled(Refused):
    """Too many devices of a client that can keep no secret have begun at one address."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Too many devices have begun at this address: try again later.")
        self.retry_after_seconds = retry_after_seconds


class TokenRefused(Refused):
    """The presented code or refresh token is unknown, another client's, ended, expired or was used before."""


class TargetRefused(Refused):
    """What a token is to be meant for is no resource, or none for which it can be had."""


class RegistrationThrottled(Refused):
    """Too many clients have registered themselves, from one address or at the tenant.

    Attributes:
        retry_after_seconds: when it is worth trying again.
    """

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Too many clients have registered themselves lately. Try again later.")
        self.retry_after_seconds = retry_after_seconds


class SignInRefused(Refused):
    """Nobody signs in with this username and password. Always the same text, whatever the reason."""

    def __init__(self) -> None:
        super().__init__("The username or the password is not right.")


class SignInThrottled(Refused):
    """There were too many attempts to sign in. Whether the password was right is not known.

    Attributes:
        retry_after_seconds: when it is worth trying again.
        counted_by: `username` or `address`, for the log of who operates it.
    """

    def __init__(self, retry_after_seconds: int, counted_by: str) -> None:
        super().__init__(
            "Too many attempts to sign in have failed, yours or those of others. "
            f"Try again in {_in_words(retry_after_seconds)}. "
            "Whoever runs this server can let you in before, with a new password."
        )
        self.retry_after_seconds, self.counted_by = retry_after_seconds, counted_by


class TooBusy(Refused):
    """As many passwords are looked at in this process as may be at once. The web answers 503 at once."""

    retry_after_seconds = 1

    def __init__(self) -> None:
        super().__init__("Many people are signing in just now. Try again in a moment.")


class DocumentRefused(Refused):
    """The document that describes a client is not there, or not what it must be. The text says what is wrong.

    It holds nothing of the document, so that nobody reads by it what else there is.
    """


class DocumentUnavailable(Refused):
    """The document that describes a client could not be had, or this process is at as many as it may be."""

    def __init__(self, retry_after_seconds: int = 10) -> None:
        super().__init__("What describes this application can't be had just now. Try again in a moment.")
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


def _in_words(seconds: int) -> str:
    """Say how long it is, in the largest unit of which it is two or more, and not less than it is."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds > length:
            return f"{-(-seconds // length)} {unit}s"
    return "1 minute" if seconds == 60 else f"{seconds} second{'s' * (seconds != 1)}"
