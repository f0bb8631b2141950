"""RFC 7523 section 2.2, JWT Profile for Client Authentication: `private_key_jwt`.

Stricter than RFC 7523 where its revision (draft-ietf-oauth-rfc7523bis section 4) is: the audience is this
tenant's issuer and nothing else, so an assertion made for one server or tenant is good for no other.
"""

import contextlib
import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
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
        claims = _claims(jws.extract_compact(assertion.encode(), registry=_REGISTRY).payload)
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
        header = _object(jws.extract_compact(assertion.encode(), registry=_REGISTRY).headers())
        payload = _verified_payload(assertion, header, jwks) if _is_right_kind(header) else None
        return _check(_claims(payload), client_id, issuer, now) if payload is not None else None
    except _UNREADABLE:
        return None


def _is_right_kind(header: Mapping[str, Any]) -> bool:
    """Tell it from other signed things, and from one that asks to be read in a way of its own (`crit`)."""
    typ = header.get("typ")
    return "crit" not in header and (typ.lower() if isinstance(typ, str) else typ) in _TYPES


def _verified_payload(assertion: str, header: Mapping[str, Any], jwks: str) -> bytes | None:
    """Try the key of that `kid`, without one all. The library refuses a key of another type, use or alg."""
    for key in KeySet.import_key_set(json.loads(jwks)):
        if "kid" not in header or key.kid == header["kid"]:
            with contextlib.suppress(JoseError):
                return jws.deserialize_compact(assertion, key, registry=_REGISTRY).payload
    return None


def _claims(payload: bytes) -> dict[str, Any]:
    return _object(json.loads(payload))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not a JSON object")
    return value


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
