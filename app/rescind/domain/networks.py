"""What an IP address tells: who one at it may be, and whether it is everybody's or of some network alone."""

import functools
import ipaddress
import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_IPV6_NETWORK_BITS = 64
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")
# What IANA gives out for everybody's use. All else is kept, or has a meaning of its own.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# What not each Python that we run on knows to be nobody's: of protocols, a relay that is gone (RFC 7526),
# and documentation (RFC 9637).
_NOBODYS = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv6Network("3fff::/20"))
# Addresses of IPv6 that lead to one of IPv4: by its place in them.
_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = IPv6Network("64:ff9b::/96")
_TRANSLATED_HERE = IPv6Network("64:ff9b:1::/48")
_TUNNELLED, _TUNNELLED_SHIFT = IPv6Network("2002::/16"), 80
# RFC 6052 section 2.2: behind prefixes of 48, 56 and 64 bits, when the octet that is always zero is left out.
_ALWAYS_ZERO_SHIFT, _OCTET_BITS = 56, 8
_TRANSLATED_SHIFTS = (40, 32, 24)


@functools.lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """Give what one person can't change at will: an IPv4 address, or the /64 of an IPv6 one.

    Some proxies add the port of the connection, which is another one each time.
    """
    with_port = _WITH_PORT.fullmatch(address)
    parsed = _parsed(next(filter(None, with_port.groups())) if with_port else address)
    if parsed is None:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed.packed, _IPV6_NETWORK_BITS), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)


def is_public(address: str) -> bool:
    """Tell whether an IP address is one that everybody reaches, and no machine or network has for itself.

    One of IPv6 that leads to one of IPv4 (RFC 4291 section 2.5.5, RFC 6052, RFC 3056) is as public as that.
    What is no IP address is not public.
    """
    parsed = _parsed(address)
    if isinstance(parsed, IPv4Address):
        return _is_public_ipv4(parsed)
    if parsed is None or parsed in _COMPATIBLE or parsed in _TRANSLATED_HERE:
        return False
    inner = [*_led_to(parsed)]
    return all(map(_is_public_ipv4, inner)) if inner else parsed in _GLOBAL_UNICAST and _is_given(parsed)


def is_link_local(address: str) -> bool:
    """Tell whether an IP address is one of its own network only, where clouds answer what a machine is.

    So is one of IPv6 that leads, or may lead, to one of IPv4 that is.
    """
    parsed = _parsed(address)
    if parsed is None or parsed.is_link_local:
        return parsed is not None
    return isinstance(parsed, IPv6Address) and any(each.is_link_local for each in _led_to(parsed))


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _is_public_ipv4(address: IPv4Address) -> bool:
    return _is_given(address) and not address.is_multicast


def _is_given(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not any(address in each for each in _NOBODYS)


def _led_to(address: IPv6Address) -> Iterator[IPv4Address]:
    """Give each address of IPv4 to which one of IPv6 leads, or may lead: none where it is its own."""
    bits = int(address)
    if address.ipv4_mapped or address in _COMPATIBLE or address in _TRANSLATED:
        yield _last_of(bits)
    elif address in _TUNNELLED:
        yield _last_of(bits >> _TUNNELLED_SHIFT)
    elif address in _TRANSLATED_HERE:
        yield _last_of(bits)
        behind = bits & ((1 << _ALWAYS_ZERO_SHIFT) - 1)
        joined = (bits >> _ALWAYS_ZERO_SHIFT + _OCTET_BITS) << _ALWAYS_ZERO_SHIFT | behind
        yield from (_last_of(joined >> shift) for shift in _TRANSLATED_SHIFTS)


def _last_of(bits: int) -> IPv4Address:
    return IPv4Address(bits & 0xFFFFFFFF)
