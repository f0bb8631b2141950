"""How a tenant's pages look: its name, its logo and its colour, out of the tenant's settings.

The settings of a tenant are a JSON object; its member `theme` may have `name`, `logo` and `colour`. What is
not what it must be is left out, as if it were not there: a page is shown in any case.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.errors import BadValue
from rescind.store import tenants
from rescind.store.records import TenantRecord

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOGO = re.compile(
    r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[\x21-\x7E]*|data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]+"
)
_LONGEST_LOGO = 65_536
_DEFAULT_COLOUR = "#1f4b99"


@dataclass(frozen=True, slots=True)
class Theme:
    """What a page takes from its tenant. All of it was checked."""

    name: str
    logo: str | None = None
    colour: str = _DEFAULT_COLOUR

    @property
    def text_colour(self) -> str:
        """White or black, whichever is read better on the colour: the contrast is 4.5 to 1 or more."""
        return "#ffffff" if (_luminance(self.colour) + 0.05) ** 2 <= 1.05 * 0.05 else "#000000"


def theme_of(authority: Authority, tenant: TenantRecord) -> Theme:
    """Read the theme of a tenant.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    with authority.store.reading() as tx:
        text = tenants.settings_of(tx, tenant.id)
    return parse(text, tenant.name)


def parse(text: str, default_name: str) -> Theme:
    """Take the theme out of a tenant's settings."""
    try:
        settings: Any = json.loads(text)
    except ValueError:
        settings = {}
    found: Any = settings.get("theme") if isinstance(settings, dict) else {}
    given = found if isinstance(found, dict) else {}
    name, logo, colour = (_text(given.get(key)) for key in ("name", "logo", "colour"))
    return Theme(
        name=_display_name(name) or default_name,
        logo=logo if len(logo) <= _LONGEST_LOGO and _LOGO.fullmatch(logo) else None,
        colour=colour if _COLOUR.fullmatch(colour) else _DEFAULT_COLOUR,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _display_name(value: str) -> str | None:
    try:
        return names.display_name(value)
    except BadValue:
        return None


def _luminance(colour: str) -> float:
    """Give the relative luminance (Web Content Accessibility Guidelines 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
