"""RFC 6750, Bearer Token Usage: what a resource of this application asks of a request."""

import re
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error

from rescind.domain import resources
from rescind.protocol.rfc6749_errors import REALM
from rescind.store.records import TenantRecord, TokenRecord

_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a resource may know of the token that it admits. Times are whole seconds since 1970, UTC.

    Attributes:
        subject: the client's own id where the client acts for itself.
        is_clients_own: whether it does, and no person has given it anything. A person can have the id of a
            client as subject (RFC 9700 section 4.15).
        audience: the resources that it is meant for, as they were asked for; none where that was not said.
    """

    tenant: str
    subject: str
    client_id: str
    scope: tuple[str, ...]
    expires_at: int
    grant_id: str
    is_clients_own: bool
    audience: tuple[str, ...]


class BearerError(OAuth2Error):
    """A refusal with the challenge of section 3."""

    error: str | None = None
    status_code = 401

    def __init__(self, description: str | None = None, *, scope: tuple[str, ...] = ()) -> None:
        super().__init__(description)
        self._scope = scope
        self._metadata_url: str | None = None

    def at(self, metadata_url: str, scope: tuple[str, ...]) -> "BearerError":
        """Say where the resource is described (RFC 9728 section 5.1), and what it asks for."""
        self._metadata_url, self._scope = metadata_url, self._scope or scope
        return self

    def get_body(self) -> Any:
        """Leave the body empty where the request showed no token at all."""
        return super().get_body() if self.error else []

    def get_headers(self) -> list[tuple[str, str]]:
        """Add the challenge."""
        parts = [f'Bearer realm="{REALM}"']
        if self.error:
            parts += [f'error="{self.error}"', f'error_description="{self.description}"']
        if self._metadata_url:
            parts.append(f'resource_metadata="{self._metadata_url}"')
        if self._scope:
            parts.append(f'scope="{" ".join(self._scope)}"')
        return [*super().get_headers(), ("WWW-Authenticate", ", ".join(parts))]


class MissingToken(BearerError):
    """The request has no bearer token: a challenge without an error code (section 3.1)."""


class InvalidBearerRequest(BearerError):
    """The request shows a token in a way that is not right."""

    error, status_code = "invalid_request", 400


class InvalidToken(BearerError):
    """The token is not active here: unknown, ended, expired, no access token, or for somebody else."""

    error = "invalid_token"

    def __init__(self) -> None:
        super().__init__("The access token is unknown, expired or revoked, or is not meant for this.")


class InsufficientScope(BearerError):
    """The token is active and has not the scope that is asked for."""

    error, status_code = "insufficient_scope", 403


def read_bearer(authorization: str | None) -> str:
    """Take the token out of the Authorization header (section 2.1), the one place where it is looked for.

    Raises:
        MissingToken: there is no such header, or it is of another scheme.
        InvalidBearerRequest: what follows the scheme is no token.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise MissingToken
    if not _TOKEN68.fullmatch(token.strip()):
        raise InvalidBearerRequest("The Authorization header holds no token.")
    return token.strip()


def admit(
    tenant: TenantRecord, token: TokenRecord | None, scope: tuple[str, ...], resource: str | None = None
) -> AccessToken:
    """Admit a request with this token, if it is an active access token with all of the scope.

    Args:
        resource: in canonical form, what the token has to be meant for; None where that is not asked.

    Raises:
        InvalidToken: it is not active, or is meant for something else.
        InsufficientScope: its scope lacks something.
    """
    if token is not None and resource and not resources.is_meant_for(token.audience, [resource]):
        raise InvalidToken
    record = admitted(token, scope)
    grant = record.grant
    return AccessToken(
        tenant.name,
        grant.subject if grant.subject is not None else grant.client_id,
        grant.client_id,
        record.scope,
        record.expires_at,
        grant.id,
        is_clients_own=grant.subject is None,
        audience=record.audience,
    )


def admitted(record: TokenRecord | None, scope: tuple[str, ...]) -> TokenRecord:
    """Do the same and give the token's row."""
    if record is None or record.kind != "access" or not record.is_active:
        raise InvalidToken
    if not set(scope) <= set(record.scope):
        raise InsufficientScope("The access token has not the scope that this needs.", scope=scope)
    return record
