"""What an operator has set for a tenant: a JSON object that its row holds.

Its member `theme` may have `name`, `logo` and `colour`; those of `refresh_options` hold for clients of which
nothing else is said. What is not what it must be counts as not set: a page is shown, and a session ended, in
any case.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rescind.domain import names
from rescind.domain.registry import refresh_options
from rescind.errors import BadValue

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOGO = re.compile(
    r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[\x21-\x7E]*|data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]+"
)
_LONGEST_LOGO = 65_536
_THEME, _LOGOUT = "theme", "logout_ends_offline_access"
# Who may register a client over HTTP: nobody, who has a registration token, anybody.
CLOSED, BY_TOKEN, OPEN = REGISTRATIONS = ("closed", "token", "open")
_DOCUMENTS = "client_metadata_documents"
# What a client may always ask for that brings itself: who somebody is, and no longer than they say.
IDENTITY_SCOPE = ("openid", "profile", "email", "phone", "offline_access")


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """All that can be set; None is not set.

    Attributes:
        logout_ends_offline_access: the end of a session ends what was given `offline_access` in it too
            (OpenID Connect Back-Channel Logout section 2.7).
        refresh_grace_seconds: these three are of clients for which they are not set; see `refresh_options`.
        registration: one of `REGISTRATIONS`.
        client_metadata_documents: clients are taken whose id is the URL of the document that describes them.
        open_scope: what clients may ask for that no operator has registered.
    """

    display_name: str | None = None
    logo_url: str | None = None
    colour: str | None = None
    logout_ends_offline_access: bool = False
    refresh_grace_seconds: int | None = None
    on_reuse: str | None = None
    is_rotating: bool | None = None
    registration: str = CLOSED
    client_metadata_documents: bool = False
    open_scope: tuple[str, ...] = IDENTITY_SCOPE


def parse(text: str) -> TenantSettings:
    """Take what is set out of the row."""
    settings = _object(text)
    theme: Any = settings.get(_THEME)
    given: dict[str, Any] = {
        name: _usable(check, theme.get(key) if isinstance(theme, dict) else None)
        for name, (key, check) in _THEME_MEMBERS.items()
    }
    own = {name: _usable(check, settings.get(name)) for name, check in _MEMBERS.items()}
    set_: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
    set_ |= refresh_options.usable(settings)
    if "open_scope" in set_:
        set_["open_scope"] = tuple(set_["open_scope"].split())
    return TenantSettings(
        **given,
        **set_,
        logout_ends_offline_access=settings.get(_LOGOUT) is True,
        client_metadata_documents=settings.get(_DOCUMENTS) is True,
    )


def refreshing(text: str | None) -> dict[str, Any]:
    """Take what is set for the refresh tokens of clients out of what is kept of it apart."""
    return refresh_options.usable(_object(text) if text else {})


def of_refreshing(text: str) -> str | None:
    """Give what is to be kept apart, as requests need it; None where nothing is set."""
    given = {name: value for name, value in refreshing(text).items() if value is not None}
    return json.dumps(given) if given else None


def change(text: str, changes: Mapping[str, str | bool]) -> str:
    """Change what is set, and leave the rest as it is, also what is not known here.

    Args:
        changes: by the names of `TenantSettings`; an empty string takes a value away, of those of
            `refresh_options` the word `default`.

    Raises:
        BadValue: a value is not what it must be.
    """
    settings = _object(text)
    found: Any = settings.get(_THEME)
    theme: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
    for name, value in changes.items():
        if name in refresh_options.CHECKS:
            settings[name] = refresh_options.CHECKS[name](value)
            continue
        if isinstance(value, bool):
            settings[name] = value
            continue
        if name in _MEMBERS:
            settings.pop(name, None)
            settings |= {name: _MEMBERS[name](value)} if value else {}
            continue
        key, check = _THEME_MEMBERS[name]
        theme.pop(key, None)
        if value:
            theme[key] = check(value)
    return json.dumps({**settings, _THEME: theme})


def _object(text: str) -> dict[str, Any]:
    try:
        settings: Any = json.loads(text)
    except (ValueError, RecursionError):
        settings = None
    return settings if isinstance(settings, dict) else {}


def _usable(check: Callable[[str], str], value: object) -> str | None:
    try:
        return check(value) if isinstance(value, str) else None
    except BadValue:
        return None


def logo(value: str) -> str:
    """Check the address of a logo, or the logo itself."""
    if len(value) > _LONGEST_LOGO or not _LOGO.fullmatch(value):
        raise BadValue(
            "A logo is an https URL with a path, or data:image/…;base64,…; "
            f"it has {_LONGEST_LOGO} characters or less."
        )
    return value


def _colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise BadValue("A colour is # with six hexadecimal digits, such as #1f4b99.")
    return value


def _registration(value: str) -> str:
    if value not in REGISTRATIONS:
        raise BadValue(f"Registration is one of: {', '.join(REGISTRATIONS)}.")
    return value


_MEMBERS: dict[str, Callable[[str], str]] = {
    "registration": _registration,
    "open_scope": lambda value: " ".join(names.registered_scope(value)),
}
_THEME_MEMBERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "display_name": ("name", names.display_name),
    "logo_url": ("logo", logo),
    "colour": ("colour", _colour),
}
