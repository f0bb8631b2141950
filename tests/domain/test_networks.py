"""Which addresses everybody reaches, and which are of a machine or a network alone."""

import pytest

from rescind.domain import networks

PUBLIC = """
    8.8.8.8 203.0.112.255 2606:4700::1111 2a00:1450:4001::2004 ::ffff:8.8.8.8 64:ff9b::8.8.8.8
    2002:808:808::1
"""
LINK_LOCAL = """
    169.254.169.254 fe80::1 fe80::1%eth0 ::ffff:169.254.169.254 ::169.254.169.254 64:ff9b::169.254.169.254
    64:ff9b:1::169.254.169.254 64:ff9b:1:a9fe:a9:fe00:: 64:ff9b:1:a9:fe:a9fe:: 64:ff9b:1:0:a9:fea9:fe00::
    2002:a9fe:a9fe::1
"""
OF_SOME = """
    0.0.0.0 127.0.0.1 127.255.255.254 10.0.0.1 172.31.255.255 192.168.0.1 100.64.0.1 192.0.0.8 192.0.2.1
    198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::8.8.8.8 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1
    64:ff9b::127.0.0.1 64:ff9b:1::1 64:ff9b:1::8.8.8.8 2002:7f00:1:: 2002:a00:1::1 2002:c0a8:1:: 100::1
    2001::1 2001:2::1 2001:db8::1 3fff::1 5f00::1 4000::1 fc00::1 fdff::1 fec0::1 ff02::1 ff0e::1
    localhost 127.1 2130706433 0x7f.0.0.1 8.8.8.8:53 [2606:4700::1111]
"""
NOT_WRITTEN_SO = ["", "010.0.0.1", " 8.8.8.8"]


@pytest.mark.parametrize("address", PUBLIC.split())
def test_what_everybody_reaches_is_public(address: str) -> None:
    assert networks.is_public(address)


@pytest.mark.parametrize("address", [*LINK_LOCAL.split(), *OF_SOME.split(), *NOT_WRITTEN_SO])
def test_what_is_of_a_machine_or_a_network_is_not_public(address: str) -> None:
    assert not networks.is_public(address)


@pytest.mark.parametrize("address", LINK_LOCAL.split())
def test_what_leads_to_a_link_local_address_is_one(address: str) -> None:
    assert networks.is_link_local(address)


@pytest.mark.parametrize("address", [*PUBLIC.split(), *OF_SOME.split()])
def test_any_other_is_not_link_local(address: str) -> None:
    assert not networks.is_link_local(address)
