"""What a resource server may know of a token, taken out of an answer of introspection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ActiveToken:
    """An access token that was active when it was asked about. Times are whole seconds since 1970, UTC.

    Attributes:
        subject: whom it is about; the client's own id where that acts for itself.
        audience: the resources that it is meant for (RFC 8707); none where it was asked for without.
        claims: all of the answer (RFC 7662 section 2.2).
    """

    subject: str | None
    client_id: str | None
    scope: tuple[str, ...]
    audience: tuple[str, ...]
    issuer: str | None
    expires_at: int | None
    claims: Mapping[str, Any] = field(repr=False)

    def has_scope(self, *wanted: str) -> bool:
        """Tell whether it has all of these scope values; if not, the answer is 403 (RFC 6750 section 3.1)."""
        return set(wanted) <= set(self.scope)


def read(claims: Mapping[str, Any]) -> ActiveToken | None:
    """Take what there is to know from an answer; None where it does not say that an access token is active.

    What has not the type that it should have counts as not said.
    """
    # Only `true` is true: "false", in quotation marks, is a string that is not empty.
    if claims.get("active") is not True:
        return None
    # A client may ask about its own refresh tokens too, which open nothing.
    if (_text(claims.get("token_type")) or "").lower() != "bearer":
        return None
    expires_at = claims.get("exp")
    return ActiveToken(
        subject=_text(claims.get("sub")),
        client_id=_text(claims.get("client_id")),
        scope=tuple((_text(claims.get("scope")) or "").split()),
        audience=_texts(claims.get("aud")),
        issuer=_text(claims.get("iss")),
        expires_at=expires_at if isinstance(expires_at, int) else None,
        claims=claims,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
