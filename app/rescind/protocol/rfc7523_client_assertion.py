"""RFC 7523 section 2.2, JWT Profile for Client Authentication: `private_key_jwt`.

Stricter than RFC 7523 where its revision (draft-ietf-oauth-rfc7523bis section 4) is: the audience is this
tenant's issuer and nothing else, so an assertion made for one server or tenant is good for no other.
"""

import base64
import contextlib
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from rescind.domain.registry import client_keys
from rescind.domain.registry.client_keys import ALGORITHMS
from rescind.protocol.strict_json import read_object

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW_SECONDS = 60
FURTHEST_SECONDS = 3600
LONGEST_JTI = 255

_TYPES = {None, "jwt", "client-authentication+jwt"}
# OverflowError: a time that is infinite. RecursionError: JSON that is nested without end.
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion whose signature and claims are right; whether it was used before is not known yet.

    Attributes:
        expires_at: from when on it is refused by its time; until then its `jti` is remembered.
    """

    jti: str
    expires_at: int


class _Registry(jws.JWSRegistry):
    # RFC 9864 prefers another name for the same signature, of which the library warns. Clients send this one.
    algorithms = {**jws.JWSRegistry.algorithms, "EdDSA": copy.copy(jws.JWSRegistry.algorithms["EdDSA"])}
    algorithms["EdDSA"].security_warning = None
    # The library's own are for short headers and for RSA keys of at most 6144 bits.
    max_header_length = max_signature_length = 4096


# Header parameters that are not known are to be ignored (RFC 7515 section 4).
_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


def claimed_client_id(assertion: str) -> str | None:
    """Read whom an assertion claims to come from. Nothing of it is checked yet."""
    try:
        _, claims = _extracted(assertion)
    except _UNREADABLE:
        return None
    subject = claims.get("sub")
    return subject if isinstance(subject, str) else None


def verify(assertion: str, jwks: str, client_id: str, issuer: str, *, now: int) -> Assertion | None:
    """Check the signature and the claims of an assertion (RFC 7523 section 3).

    Args:
        jwks: the client's registered keys.
        issuer: of the tenant; the one audience that is accepted.

    Returns:
        None where anything about it is wrong.
    """
    try:
        header, claims = _extracted(assertion)
        is_signed = _is_right_kind(header) and _is_signature_right(assertion, header, jwks)
        return _check(claims, client_id, issuer, now) if is_signed else None
    except _UNREADABLE:
        return None


def _extracted(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the header and the claims. What raises one of `_UNREADABLE` is no assertion."""
    payload = jws.extract_compact(assertion.encode(), registry=_REGISTRY).payload
    # Read anew, as the library's reader takes the last of two.
    head = assertion.partition(".")[0]
    return read_object(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))), read_object(payload)


def _is_right_kind(header: Mapping[str, Any]) -> bool:
    """Tell it from other signed things, and from one that asks to be read in a way of its own (`crit`)."""
    typ = header.get("typ")
    return "crit" not in header and (typ.lower() if isinstance(typ, str) else typ) in _TYPES


def _is_signature_right(assertion: str, header: Mapping[str, Any], jwks: str) -> bool:
    """Try the keys that may have signed. The library refuses a key of another type, use or alg."""
    for key in _candidates(header, jwks):
        with contextlib.suppress(JoseError):
            jws.deserialize_compact(assertion, key, registry=_REGISTRY)
            return True
    return False


def _candidates(header: Mapping[str, Any], jwks: str) -> Iterator[Key]:
    """Give the keys of the `kid`; without one, all. A key that came without an id may be any."""
    for key in client_keys.stored(jwks):
        if "kid" not in header or key.kid == header["kid"] or not client_keys.has_own_id(key):
            yield key


def _check(claims: Mapping[str, Any], client_id: str, issuer: str, now: int) -> Assertion | None:
    jti, expires_at = claims.get("jti"), _time(claims.get("exp"))
    is_right = (
        claims.get("iss") == client_id
        and claims.get("sub") == client_id
        and claims.get("aud") in (issuer, [issuer])
        and now - SKEW_SECONDS < expires_at <= now + FURTHEST_SECONDS + SKEW_SECONDS
        and all(_time(claims.get(name, now)) <= now + SKEW_SECONDS for name in ("nbf", "iat"))
        and isinstance(jti, str)
        and 0 < len(jti) <= LONGEST_JTI
        and jti.isprintable()
    )
    return Assertion(str(jti), expires_at + SKEW_SECONDS) if is_right else None


def _time(value: Any) -> int:
    """Read a time in whole seconds (RFC 7519 section 2); one that is none raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a time")
    return int(value)
