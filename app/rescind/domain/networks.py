"""Where a request comes from, as far as whoever sends it can't change that at will."""

import functools
import ipaddress
import re

_IPV6_NETWORK_BITS = 64
# Of the special-purpose registries of IANA what `ipaddress` does not know in each version; and the address at
# which machines of one cloud find what is theirs alone.
_NOT_PUBLIC_IPV4 = [
    ipaddress.IPv4Network(each)
    for each in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16")
]
_GIVEN_OUT_IPV6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_IPV6 = [
    ipaddress.IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")


@functools.lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """Give what one person can't change at will: an IPv4 address, or the /64 of an IPv6 one.

    Some proxies add the port of the connection, which is another one each time.
    """
    with_port = _WITH_PORT.fullmatch(address)
    host = next(filter(None, with_port.groups())) if with_port else address
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed.packed, _IPV6_NETWORK_BITS), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)


def is_public(address: str) -> bool:
    """Tell whether an IP address is one that anybody in the world would reach by it.

    Of IPv6 that is what was given out to networks (2000::/3), without those that stand for others: Teredo and
    what else is the IETF's, 6to4, examples. All the rest is nobody's or a machine's own, or holds an IPv4
    address, as NAT64 and mapped ones do.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        is_given_out = parsed.is_global and not (parsed.is_multicast or parsed.is_reserved)
        return is_given_out and not any(parsed in each for each in _NOT_PUBLIC_IPV4)
    return parsed in _GIVEN_OUT_IPV6 and not any(parsed in each for each in _NOT_PUBLIC_IPV6)
