"""What an operator has set for a tenant: a JSON object that its row holds.

Its member `theme` may have `name`, `logo` and `colour`. What is not what it must be counts as not set: a page
is shown, and a session ended, in any case.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rescind.domain import names
from rescind.errors import BadValue

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOGO = re.compile(
    r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[\x21-\x7E]*|data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]+"
)
_LONGEST_LOGO = 65_536
_THEME, _LOGOUT = "theme", "logout_ends_offline_access"


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """All that can be set; None is not set.

    Attributes:
        logout_ends_offline_access: the end of a session ends what was given `offline_access` in it too
            (OpenID Connect Back-Channel Logout section 2.7).
    """

    display_name: str | None = None
    logo_url: str | None = None
    colour: str | None = None
    logout_ends_offline_access: bool = False


def parse(text: str) -> TenantSettings:
    """Take what is set out of the row."""
    settings = _object(text)
    theme: Any = settings.get(_THEME)
    given = {
        name: _usable(check, theme.get(key) if isinstance(theme, dict) else None)
        for name, (key, check) in _THEME_MEMBERS.items()
    }
    return TenantSettings(**given, logout_ends_offline_access=settings.get(_LOGOUT) is True)


def change(text: str, changes: Mapping[str, str | bool]) -> str:
    """Change what is set, and leave the rest as it is, also what is not known here.

    Args:
        changes: by the names of `TenantSettings`; an empty string takes a value away.

    Raises:
        BadValue: a value is not what it must be.
    """
    settings = _object(text)
    found: Any = settings.get(_THEME)
    theme: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
    for name, value in changes.items():
        if isinstance(value, bool):
            settings[name] = value
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


_THEME_MEMBERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "display_name": ("name", names.display_name),
    "logo_url": ("logo", logo),
    "colour": ("colour", _colour),
}
