"""RFC 9111, HTTP Caching: for how long an answer may be relied on."""

from collections.abc import Mapping
from datetime import UTC, datetime

from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import parse_age, parse_cache_control_header, parse_date


def fresh_seconds(headers: Mapping[str, str]) -> int | None:
    """Give the freshness lifetime that is left (sections 4.2.1 and 4.2.3), from 0 on.

    Args:
        headers: of the answer, their names in lower case.

    Returns:
        None where the answer says nothing of it.
    """
    control = parse_cache_control_header(headers.get("cache-control"), cls=ResponseCacheControl)
    if control.no_store or control.no_cache:
        return 0
    lifetime = control.max_age if control.max_age is not None else _until_expires(headers)
    if lifetime is None:
        return None
    age = parse_age(headers.get("age"))
    return max(0, lifetime - (int(age.total_seconds()) if age is not None else 0))


def _until_expires(headers: Mapping[str, str]) -> int | None:
    if "expires" not in headers:
        return None
    expires = parse_date(headers["expires"])
    # What is no date, as 0, is in the past (section 5.3).
    if expires is None:
        return 0
    date = parse_date(headers.get("date")) or datetime.now(UTC)
    return int((expires - date).total_seconds())
