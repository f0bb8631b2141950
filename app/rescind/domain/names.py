"""What names, URIs and scopes may look like. Each check gives the value back, or raises `BadValue`.

PostgreSQL takes no NUL, and a value that holds one must look the same on both stores; so whatever comes
from outside passes here before it reaches a statement.
"""

import re
from urllib.parse import SplitResult, urlsplit

from rescind.errors import BadValue

MAXIMUM_CHARACTERS = 255
SHORTEST_SECRET_CHARACTERS = 16

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,62}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,254}")
_SCOPE_VALUE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_SECRET = re.compile(r"[\x20-\x7E]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1F\x7F\uD800-\uDFFF]")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")
_NEVER_REDIRECTED_TO = {"javascript", "data", "vbscript", "file", "blob", "about"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def is_tenant_name(name: str) -> bool:
    """Tell whether a path segment could name a tenant; any other is not looked up."""
    return _TENANT.fullmatch(name) is not None


def is_client_id(client_id: str) -> bool:
    """Tell whether a string could be a client id; any other is not looked up."""
    return _CLIENT_ID.fullmatch(client_id) is not None


def is_storable(value: str) -> bool:
    """Tell whether a string could be in the store at all; one with control characters never is."""
    return _UNPRINTABLE.search(value) is None


def tenant_name(name: str) -> str:
    """Check the name of a tenant that is to be made."""
    if not is_tenant_name(name):
        raise BadValue("A tenant name is 1 to 63 of A-Z a-z 0-9 . _ ~ - and begins with a letter or digit.")
    return name


def client_id(value: str) -> str:
    """Check a client id that is to be registered."""
    if not is_client_id(value):
        raise BadValue("A client id is 1 to 255 of A-Z a-z 0-9 . _ ~ - and begins with a letter or digit.")
    return value


def client_secret(value: str) -> str:
    """Check a secret that an operator chose (RFC 6749 appendix A.2); nothing slows down who guesses it."""
    if not _SECRET.fullmatch(value) or len(value) < SHORTEST_SECRET_CHARACTERS:
        raise BadValue(
            f"A client secret is {SHORTEST_SECRET_CHARACTERS} or more printable ASCII characters; "
            "where none is given, a good one is made up."
        )
    return value


def subject(value: str) -> str:
    """Check a subject identifier (OpenID Connect Core section 2: at most 255 characters)."""
    return _text(value, "A subject")


def username(value: str) -> str:
    """Check a username that is to be made. It is the subject, so it is exact: `Alice` is not `alice`."""
    if _text(value, "A username") != value.strip() or value.startswith("-"):
        raise BadValue("A username has no space at its ends and does not begin with a hyphen.")
    return value


def reason(value: str) -> str:
    """Check the free text that an operator gives for a revocation."""
    return _text(value, "A reason")


def cause(value: str) -> str:
    """Check the name of a host's own cause, or of who acts."""
    return _text(value, "A cause or an actor")


def display_name(value: str) -> str:
    """Check the name that people are shown."""
    return _text(value, "A name")


def _text(value: str, what: str) -> str:
    if not value or len(value) > MAXIMUM_CHARACTERS or _UNPRINTABLE.search(value):
        raise BadValue(f"{what} is 1 to {MAXIMUM_CHARACTERS} characters without control characters.")
    return value


def scope(value: str) -> tuple[str, ...]:
    """Split a scope (RFC 6749 section 3.3) into its values, each once, in the order given."""
    values = tuple(dict.fromkeys(value.split(" "))) if value else ()
    if not all(_SCOPE_VALUE.fullmatch(each) for each in values):
        raise BadValue("A scope is one or more words of printable ASCII with single spaces between.")
    return values


def redirect_uri(value: str) -> str:
    """Check a redirect URI that is to be registered (RFC 6749 section 3.1.2, RFC 8252 section 7)."""
    scheme = _absolute(value, "A redirect URI")
    if scheme in _NEVER_REDIRECTED_TO:
        raise BadValue(f"A redirect URI can't have the scheme {scheme}.")
    return value


def backchannel_uri(value: str) -> str:
    """Check a back-channel logout URI (OpenID Connect Back-Channel Logout section 2.2)."""
    if _absolute(value, "A back-channel logout URI") not in {"http", "https"}:
        raise BadValue("A back-channel logout URI is https, or http on a loopback address.")
    return value


def origin(value: str) -> str:
    """Check an origin as a browser sends it: scheme, host, port, in lower case, nothing behind them."""
    if not _ORIGIN.fullmatch(value):
        raise BadValue("An origin is http or https with a host and perhaps a port, in lower case, no path.")
    return value


def _absolute(uri: str, what: str) -> str:
    """Check an address to which people or messages are sent, and give its scheme."""
    parts = _split(uri)
    if parts is None or not parts.scheme or "#" in uri:
        raise BadValue(f"{what} is absolute, without spaces and without a fragment.")
    # Before `@` or behind a backslash people would read another host than browsers go to.
    if any(each in parts.netloc for each in "@\\"):
        raise BadValue(f"{what} has no user information and no backslash in front of its path.")
    if parts.scheme in {"http", "https"} and not parts.hostname:
        raise BadValue(f"{what} with http or https names a host.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadValue(f"{what} is https; http is for a loopback address alone.")
    return parts.scheme


def _split(uri: str) -> SplitResult | None:
    if _UNPRINTABLE.search(uri) or " " in uri or not uri.isascii():
        return None
    try:
        parts = urlsplit(uri)
        # Read only now, and refused where it is no number or too great.
        _ = parts.port
    except ValueError:
        return None
    return parts
