"""Ranges of addresses: of networks, of the subnets in them, and of the interfaces in those.

https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq#are-there-any-restrictions-on-using-ip-addresses-within-these-subnets
"""

from __future__ import annotations

from collections.abc import Container
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from standin.network.errors import InvalidPrefix, PrivateAddressOutside

_OF_AZURE = 4
"""The first addresses of a subnet are Azure's: network, gateway, and two for DNS. So is the last."""


def prefix_of(properties: Any, of: str) -> IPv4Network:
    """Of a subnet, which says one prefix, or a list of one."""
    listed = properties.get("addressPrefixes")
    given = properties.get("addressPrefix") or (listed[0] if isinstance(listed, list) and listed else None)
    return as_range(given, of)


def as_range(prefix: object, of: str) -> IPv4Network:
    """Raises InvalidPrefix."""
    try:
        return IPv4Network(str(prefix))
    except ValueError:
        raise InvalidPrefix(prefix, of) from None


def first_free(subnet: IPv4Network, taken: Container[str]) -> str | None:
    """As Azure hands them out: the lowest; None where none is left."""
    last = subnet.num_addresses - 1
    return next((str(subnet[index]) for index in range(_OF_AZURE, last) if str(subnet[index]) not in taken), None)


def checked(address: object, subnet: IPv4Network) -> str:
    """A static address. Raises PrivateAddressOutside, of Azure's own addresses too."""
    try:
        asked = IPv4Address(str(address))
    except ValueError:
        raise PrivateAddressOutside(address, str(subnet)) from None
    if asked not in subnet or not _OF_AZURE <= int(asked) - int(subnet[0]) < subnet.num_addresses - 1:
        raise PrivateAddressOutside(address, str(subnet))
    return str(asked)
