"""How a tenant's pages look: its name, its logo and its colour, out of the tenant's settings."""

from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.domain.registry import tenant_settings
from rescind.store import tenants
from rescind.store.records import TenantRecord

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
    found = tenant_settings.parse(text)
    return Theme(found.display_name or default_name, found.logo_url, found.colour or _DEFAULT_COLOUR)


def _luminance(colour: str) -> float:
    """Give the relative luminance (Web Content Accessibility Guidelines 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
