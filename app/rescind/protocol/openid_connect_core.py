"""OpenID Connect Core 1.0: ID tokens, the endpoint that tells who the subject is, and other signed tokens."""

import contextlib
import hashlib
from collections.abc import Iterable
from typing import Any

from authlib.common.encoding import urlsafe_b64encode
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.domain.people.claims import released
from rescind.domain.registry import keys
from rescind.domain.tokens.issuing import IssuedTokens
from rescind.protocol import rfc6750_bearer as bearer
from rescind.protocol.requests import TenantRequest
from rescind.store.records import Admitted

OPENID = "openid"
CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "at_hash")
# What an ID token says that it is; a logout token says something else, and is no ID token.
ID_TOKEN = "JWT"
# RecursionError: JSON that is nested without end.
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError, RecursionError)


class IDTokenResponse:
    """The part of one token response that is the ID token (section 3.1.3.3; on a refresh, section 12.2)."""

    def __init__(self, authority: Authority, request: TenantRequest) -> None:
        self._authority, self._request = authority, request
        self._tenant_id = request.received.tenant.id
        self._key: RSAKey | None = None

    def get_ready(self, scope: Iterable[str]) -> None:
        """Fetch the key before a code or refresh token is used up: what that led to could not be had again.

        Raises:
            SettingsError: there is none that can be decrypted.
            StoreUnavailable: it is not known.
        """
        if OPENID in scope:
            self._key = keys.signing_key(self._authority, self._tenant_id)

    def write(self, issued: IssuedTokens) -> str | None:
        """Write the ID token (section 2).

        Returns:
            None where the access token has not the scope openid, or nobody has signed in.

        Raises:
            StoreUnavailable: the signing key is not known.
        """
        if OPENID not in issued.scope or issued.subject is None:
            return None
        now = clock.now()
        claims = {
            "iss": self._request.received.issuer,
            "sub": issued.subject,
            "aud": self._request.authenticated_client.client_id,
            "exp": now + self._authority.settings.id_token_seconds,
            "iat": now,
            "auth_time": issued.auth_time,
            "nonce": issued.nonce,
            "sid": issued.session_sid,
            "at_hash": _half_hash(issued.access_token),
        }
        known = {name: value for name, value in claims.items() if value is not None}
        about = self._request.received
        told = released(self._authority, about.tenant, issued.subject, issued.scope, about.known_person)
        key = self._key or keys.signing_key(self._authority, self._tenant_id)
        return _signed(key, {**told, **known}, ID_TOKEN)


def _half_hash(token: str) -> str:
    """Give the left half of the digest that the signature uses (section 3.1.3.6)."""
    half = hashlib.sha256(token.encode()).digest()[:16]
    return urlsafe_b64encode(half).decode()


def sign(authority: Authority, tenant_id: int, claims: dict[str, Any], typ: str) -> str:
    """Sign a JWT as a tenant.

    Args:
        typ: what it is, for its header; no kind of token is to be taken for another (RFC 8725 section 3.11).

    Raises:
        StoreUnavailable: the signing key is not known.
    """
    return _signed(keys.signing_key(authority, tenant_id), claims, typ)


def _signed(key: RSAKey, claims: dict[str, Any], typ: str) -> str:
    return jwt.encode({"typ": typ, "alg": keys.ALGORITHM, "kid": key.kid}, claims, key)


def read_hint(authority: Authority, tenant_id: int, issuer: str, token: str) -> dict[str, Any] | None:
    """Read an ID token that this tenant once issued, expired or not (RP-Initiated Logout section 2).

    Returns:
        Its claims; None where it is anything else.

    Raises:
        StoreUnavailable: the keys are not known.
    """
    known = KeySet([RSAKey.import_key(key) for key in keys.kept_jwks(authority, tenant_id)["keys"]])
    with contextlib.suppress(*_UNREADABLE):
        read = jwt.decode(token, known, algorithms=[keys.ALGORITHM])
        is_ours = read.header.get("typ") == ID_TOKEN and read.claims.get("iss") == issuer
        return read.claims if is_ours else None
    return None


def userinfo(authority: Authority, admitted: Admitted) -> dict[str, Any]:
    """Tell who the subject of an access token is, and what its scope releases (section 5.3.2).

    Raises:
        InvalidToken: it is not active.
        InsufficientScope: it has not the scope openid, or the client acts for itself.
    """
    token = bearer.admitted(admitted.token, (OPENID,))
    subject = token.grant.subject
    if subject is None:
        raise bearer.InsufficientScope("The access token is about no person.", scope=(OPENID,))
    told = released(authority, admitted.tenant, subject, token.scope, admitted.person)
    return {**told, "sub": subject}
