"""What addresses may look like that clients register. Each check gives the value back, or raises `BadValue`.

Allowed is what the standards name, and nothing else: https; http to the loopback address, which never leaves
a machine; and for apps on a device a scheme of their own (RFC 8252 section 7.1). Any other scheme belongs to
somebody else, as `mailto` and `intent` do. A row of before may hold an address that no check passes: it is
there, and is not used.
"""

import functools
import re
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from rescind.domain import networks
from rescind.errors import BadValue
from rescind.settings import Settings

# RFC 3986 section 2, without the number sign. A backslash is a slash to a browser, and a letter to others.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")
_LONGEST_ORIGIN = 300
# What a name can be looked up by. RFC 3986 allows more, which one program takes for the end of it and another
# does not.
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?")
# A domain name, turned round (RFC 8252 section 7.1): with a word on either side of each dot.
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_LONGEST_WEB = 2000
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# To a browser, and to whoever looks a name up, what ends so is a number, in decimal, octal or hexadecimal.
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?")


def redirect_uri(value: str) -> str:
    """Check a redirect URI that is to be registered (RFC 6749 section 3.1.2, RFC 8252 section 7)."""
    scheme = _absolute(value, "A redirect URI").scheme
    if scheme not in {"http", "https"} and not _OWN_SCHEME.fullmatch(scheme):
        raise BadValue(
            f"A redirect URI can't have the scheme {scheme}: it is https, http to a loopback address, or an "
            "app's own, a domain name turned round, as com.example.app (RFC 8252 section 7.1)."
        )
    return value


def backchannel_uri(value: str) -> str:
    """Check a back-channel logout URI (OpenID Connect Back-Channel Logout section 2.2)."""
    if _absolute(value, "A back-channel logout URI").scheme not in {"http", "https"}:
        raise BadValue("A back-channel logout URI is https, or http on a loopback address.")
    return value


def backchannel_uri_in_production(value: str) -> str:
    """Check one of a server that others reach too: what else listens on its own machine is not theirs."""
    if _absolute(value, "A back-channel logout URI").scheme != "https":
        raise BadValue("A back-channel logout URI is https; http is for a server with a loopback public URL.")
    return value


def picture(value: str) -> str:
    """Check the address of a picture, which browsers fetch."""
    return _web(value, "The address of a picture")


def home(value: str) -> str:
    """Check the address of a home page, to which people are led."""
    return _web(value, "A home page")


def _web(value: str, what: str) -> str:
    if _absolute(value, what).scheme != "https" or len(value) > _LONGEST_WEB:
        raise BadValue(f"{what} is an https URL of {_LONGEST_WEB} characters at most.")
    return value


def backchannel_check(settings: Settings) -> Callable[[str], str]:
    """Give the check of back-channel logout URIs by which this server goes."""
    return backchannel_uri_in_production if settings.is_production else backchannel_uri


def origin(value: str) -> str:
    """Check an origin as a browser sends it: scheme, host, port, in lower case, nothing behind them."""
    if not is_origin(value):
        raise BadValue("An origin is http or https with a host and perhaps a port, in lower case, no path.")
    return value


def is_origin(value: str) -> bool:
    """Tell whether a string could be a registered origin; any other is not looked up."""
    return len(value) <= _LONGEST_ORIGIN and _ORIGIN.fullmatch(value) is not None


def origins_of(addresses: Iterable[str]) -> tuple[str, ...]:
    """Give the origins of those addresses that pages have, as browsers write them."""
    parts = [urlsplit(each) for each in addresses if each.startswith(("https:", "http:"))]
    named = dict.fromkeys(f"{each.scheme}://{_authority(each)}" for each in parts)
    return tuple(each for each in named if is_origin(each))


def page(value: str) -> str:
    """Check the address of a page that a client names as its own."""
    if _absolute(value, "The address of a page").scheme not in {"http", "https"}:
        raise BadValue("The address of a page is https.")
    return value


def usable(values: Iterable[str], check: Callable[[str], str] = redirect_uri) -> tuple[str, ...]:
    """Give those addresses of a client's row that pass the check."""
    return tuple(value for value in values if _passes(value, check))


@functools.lru_cache(maxsize=4096)
def _passes(value: str, check: Callable[[str], str]) -> bool:
    try:
        check(value)
    except BadValue:
        return False
    return True


def _absolute(uri: str, what: str) -> SplitResult:
    """Check an address to which people or messages are sent, and give its parts."""
    parts = _split(uri)
    if parts is None or not parts.scheme or "#" in uri:
        raise BadValue(f"{what} is absolute, without spaces, backslashes or a fragment.")
    if "@" in parts.netloc:
        raise BadValue(f"{what} holds no user name and no password.")
    if parts.scheme in {"http", "https"}:
        _check_host(parts.hostname or "", what)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadValue(f"{what} is https; http is for a loopback address alone.")
    return parts


def _authority(parts: SplitResult) -> str:
    """Write host and port as an origin has them: no port that the scheme has anyway."""
    authority = parts.netloc.lower()
    return authority.removesuffix(":443" if parts.scheme == "https" else ":80")


def _check_host(host: str, what: str) -> None:
    if not host:
        raise BadValue(f"{what} with http or https names a host.")
    if not _HOST_NAME.fullmatch(host) and not _is_ipv6(host):
        raise BadValue(f"{what} names its host in letters, digits, hyphens and dots, or by an IP address.")
    if _NUMBER.fullmatch(host) and not _is_dotted(host):
        raise BadValue(f"{what} that names an IP address writes it as four numbers with dots.")
    if networks.is_link_local(host):
        raise BadValue(f"{what} is not at a link-local address.")


def _is_ipv6(host: str) -> bool:
    with suppress(OSError):
        return bool(socket.inet_pton(socket.AF_INET6, host.partition("%")[0]))
    return False


def _is_dotted(host: str) -> bool:
    with suppress(OSError):
        return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, host)) == host
    return False


def _split(uri: str) -> SplitResult | None:
    if not _CHARACTERS.fullmatch(uri):
        return None
    try:
        parts = urlsplit(uri)
        # Read only now, and refused where it is no number or too great.
        _ = parts.port
    except ValueError:
        return None
    return parts
