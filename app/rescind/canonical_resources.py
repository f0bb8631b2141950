"""When two spellings of a resource (RFC 8707) name the same: on the server, and on a guard's side.

It is compared in canonical form: scheme and host in lower case, without the port that goes without saying,
and without slashes at the end of the path.
"""

import functools
import re
from urllib.parse import urlsplit

from rescind.errors import BadValue

# RFC 3986 section 2, without the number sign: no space, no control character, nothing that has to be encoded.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
_LONGEST = 1000
_DEFAULT_PORTS = {"http": 80, "https": 443}
MALFORMED = "A resource is an absolute URI without spaces, a user name or a fragment."


@functools.lru_cache(maxsize=4096)
def canonical(value: str) -> str:
    """Give a resource in the form in which it is compared (RFC 3986 section 6.2).

    Raises:
        BadValue: it is no absolute URI, has a fragment, or names a user.
    """
    if len(value) > _LONGEST or not _CHARACTERS.fullmatch(value):
        raise BadValue(MALFORMED)
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise BadValue(MALFORMED) from None
    scheme, host, path = parts.scheme, parts.hostname or "", parts.path.rstrip("/")
    is_web = scheme in _DEFAULT_PORTS
    if not scheme or "@" in parts.netloc or not (host or (path and not is_web)):
        raise BadValue(MALFORMED)
    place = f"//[{host}]" if ":" in host else f"//{host}" if host else ""
    place += "" if port in (None, _DEFAULT_PORTS.get(scheme)) else f":{port}"
    return f"{scheme}:{place}{path}{'?' + parts.query if parts.query else ''}"


def canonical_or_none(value: str) -> str | None:
    """Give the same; None where it is no resource."""
    try:
        return canonical(value)
    except BadValue:
        return None
