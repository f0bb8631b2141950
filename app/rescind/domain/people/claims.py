"""What is told of people: which claims there are, and which scope releases them.

OpenID Connect Core section 5. They are told at userinfo and in ID tokens. A host says them itself, where it
has its own people.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.errors import BadValue
from rescind.store.people_records import PersonRecord
from rescind.store.records import TenantRecord

log = logging.getLogger(__name__)

PROFILE, EMAIL, PHONE = "profile", "email", "phone"
SCOPES = (PROFILE, EMAIL, PHONE)
# Said of a user one by one. What else an object says is released by `profile`, but for what stands below.
DETAILS = ("name", "preferred_username", "picture", "email", "email_verified", "phone_number")
MAXIMUM_BYTES = 16_384
_DEEPEST = 8
_RELEASED_BY = {
    "email": EMAIL,
    "email_verified": EMAIL,
    "phone_number": PHONE,
    "phone_number_verified": PHONE,
}
# Section 5.1: of a host too these are told where their scope was given, and nowhere else.
_OF_PROFILE = frozenset(
    [
        *("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile"),
        *("picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
    ]
)
# No claim that verifies another is told without it.
_BESIDE = {"email_verified": "email", "phone_number_verified": "phone_number"}
# What a token says of itself. `address` has a scope of its own, which is not offered.
_RESERVED = frozenset(
    [
        *(
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "nonce",
            "sid",
            "sub_id",
            "auth_time",
            "acr",
            "amr",
        ),
        *("azp", "at_hash", "c_hash", "s_hash", "client_id", "scope", "cnf", "sub_jwk", "act", "may_act"),
        *("events", "typ", "active", "token_type", "_claim_names", "_claim_sources", "address"),
    ]
)


def checked(given: Mapping[str, Any]) -> str:
    """Check what else is said of a user, and write it down.

    Raises:
        BadValue: a name is not free, or it is too long or too deep.
    """
    own = sorted(name for name in given if name in DETAILS)
    if own:
        raise BadValue(f"The claim {own[0]} has an option of its own, or is the username.")
    return _written(given)


def released(
    authority: Authority,
    tenant: TenantRecord,
    subject: str,
    scope: tuple[str, ...],
    person: PersonRecord | None,
) -> dict[str, Any]:
    """Give the claims about a subject that a scope releases (section 5.4).

    Args:
        person: the user of that name; None where there is none.
    """
    if authority.host_claims is not None:
        return _of_host(authority, tenant, subject, scope)
    if person is None or not authority.has_users:
        return {}
    found = _of_user(person)
    return _beside({name: found[name] for name in found if _RELEASED_BY.get(name, PROFILE) in scope})


def _of_user(person: PersonRecord) -> dict[str, Any]:
    more: dict[str, Any] = json.loads(person.claims) if person.claims else {}
    told = {
        **more,
        "name": person.display_name,
        "preferred_username": person.username,
        "picture": person.picture,
        "email": person.email,
        # Of what nobody has verified it is known that it is not.
        "email_verified": bool(person.is_email_verified),
        "phone_number": person.phone,
    }
    return {name: value for name, value in told.items() if value is not None}


def _of_host(
    authority: Authority, tenant: TenantRecord, subject: str, scope: tuple[str, ...]
) -> dict[str, Any]:
    """Ask the host. Where that fails nothing is told: a client that needs it says so, and none is misled."""
    assert authority.host_claims is not None  # noqa: S101
    try:
        given = authority.host_claims(tenant.name, subject, scope)
        found: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        _written(found)
    except Exception as error:
        # Not what it says: that may hold what it was about.
        log.error(
            "claims of the host failed",
            extra={"tenant": tenant.name, "kind": type(error).__name__},
        )
        return {}
    return _beside({name: found[name] for name in found if _is_released(name, scope)})


def _is_released(name: str, scope: Iterable[str]) -> bool:
    by = PROFILE if name in _OF_PROFILE else _RELEASED_BY.get(name)
    return by is None or by in scope


def _beside(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in told if _BESIDE.get(name, name) in told}


def _written(given: Mapping[str, Any]) -> str:
    for name in given:
        if name in _RESERVED:
            raise BadValue(f"The claim {name} is not for a person: tokens say it of themselves.")
        names.claim(name)
    if _is_deeper(given, _DEEPEST):
        raise BadValue(f"Claims are nested {_DEEPEST} deep at most.")
    try:
        text = json.dumps(given, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError):
        raise BadValue("Claims are JSON, and their text is Unicode.") from None
    if size > MAXIMUM_BYTES:
        raise BadValue(f"Claims are {MAXIMUM_BYTES} bytes of JSON at most.")
    return json.dumps(given)


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, (dict, list, tuple)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)
