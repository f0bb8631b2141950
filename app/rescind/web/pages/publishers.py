"""Who people are told is behind an app."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from rescind.domain import names
from rescind.domain.registry.documents import DOCUMENT
from rescind.store.records import ClientRecord


@dataclass(frozen=True, slots=True)
class Publisher:
    """What a page says of the app that asks.

    Attributes:
        home: an https URL; a page leads there only where an operator has registered the app.
        logo: none of an app that nobody has verified: it could look like another.
        is_verified: whether an operator has registered it, so that somebody stands for what it says.
        published_at: the host of the document that describes it, in ASCII, whatever it looks like.
    """

    name: str
    home: str | None
    logo: str | None
    is_verified: bool
    published_at: str | None

    @property
    def home_host(self) -> str | None:
        """The host of its home page, by which people know it."""
        return urlsplit(self.home).hostname if self.home else None


def publisher_of(client: ClientRecord) -> Publisher:
    """Say who is behind a client."""
    is_verified = client.provenance is None
    return Publisher(
        names.name_to_show(client.name, client.client_id),
        client.home_url,
        client.logo_url if is_verified else None,
        is_verified,
        urlsplit(client.client_id).netloc if client.provenance == DOCUMENT else None,
    )
