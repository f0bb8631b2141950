"""What is said of a user beside the username: how to reach them, what they are called, and further claims."""

import re
from collections.abc import Callable
from typing import Any

from rescind.domain import names, uris
from rescind.domain.people import claims
from rescind.errors import BadValue

_EMAIL = re.compile(r"[^\s@<>()\",;:\\]+@[^\s@<>()\",;:\\]+")
# E.164, as section 5.1 of OpenID Connect Core recommends, with what is often put between the digits.
_PHONE = re.compile(r"\+?[0-9(][0-9 ().-]{2,60}(;ext=[0-9]{1,10})?")
_LONGEST_EMAIL = 254


def checked(details: dict[str, Any]) -> dict[str, Any]:
    """Check what is said of a user.

    Args:
        details: `email`, `is_email_verified`, `display_name`, `picture`, `phone` and `claims`, an object;
            None means nothing is said, and what is empty is taken away.

    Raises:
        BadValue: a value is not what it must be.
    """
    return {name: _CHECKS[name](value) for name, value in details.items() if value is not None}


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(names.display_name(value)) or len(value) > _LONGEST_EMAIL:
        raise BadValue(f"An e-mail address is name@host, of {_LONGEST_EMAIL} characters at most.")
    return value


def _phone(value: str) -> str:
    if not _PHONE.fullmatch(value):
        raise BadValue("A phone number is digits, best with the country's before: +49 30 1234567.")
    return value


def _if_any(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: check(value) if value else None


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "email": _if_any(_email),
    "is_email_verified": bool,
    "display_name": _if_any(names.display_name),
    "picture": _if_any(uris.picture),
    "phone": _if_any(_phone),
    "claims": _if_any(claims.checked),
}
