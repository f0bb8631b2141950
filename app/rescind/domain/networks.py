"""Where a request comes from, as far as whoever sends it can't change that at will."""

import functools
import ipaddress
import re

_IPV6_NETWORK_BITS = 64
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
