"""RFC 9728, OAuth 2.0 Protected Resource Metadata: a resource says where its tokens come from.

From a challenge a client finds the document, from that the authorization server, and from that the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from rescind import canonical_resources
from rescind.errors import BadValue, SettingsError

WELL_KNOWN = "oauth-protected-resource"


@dataclass(frozen=True, slots=True)
class ProtectedResource:
    """A resource of this application, as it is named to the letter, and the tenant whose tokens it takes."""

    uri: str
    tenant: str

    @classmethod
    def of(cls, uri: str, tenant: str) -> "ProtectedResource":
        """Check that clients can find the document of such a resource (section 1.2).

        Raises:
            SettingsError: they can't.
        """
        try:
            canonical = canonical_resources.canonical(uri)
        except BadValue as error:
            raise SettingsError(f"require_token was given a resource that is none: {error}") from None
        if "?" in uri or not canonical.startswith(("https://", "http://")):
            raise SettingsError("The resource of require_token is an http or https URL without a query.")
        return cls(uri, tenant)

    @property
    def canonical(self) -> str:
        """The resource as it is compared."""
        return canonical_resources.canonical(self.uri)

    @property
    def path(self) -> str:
        """Its path as an application sees one, without a slash at the end."""
        return unquote(urlsplit(self.canonical).path)

    @property
    def metadata_url(self) -> str:
        """Where its document is (section 3): the well-known part stands before its path."""
        parts = urlsplit(self.uri)
        path = "" if parts.path == "/" else parts.path
        return f"{parts.scheme}://{parts.netloc}/.well-known/{WELL_KNOWN}{path}"


def metadata(resource: ProtectedResource, issuer: str, scope: Iterable[str]) -> dict[str, Any]:
    """Describe a protected resource (section 2).

    Args:
        scope: what its views ask for.
    """
    words = list(scope)
    return {
        "resource": resource.uri,
        "authorization_servers": [issuer],
        **({"scopes_supported": words} if words else {}),
        "bearer_methods_supported": ["header"],
    }
