"""Rules of a network security group: those of its own, and those that every group has.

https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standin.core.arm import Resource
from standin.network.errors import InvalidRule, RulesConflict
from standin.network.references import objects

_CHOICES = {
    "access": ("Allow", "Deny"),
    "direction": ("Inbound", "Outbound"),
    "protocol": ("*", "Tcp", "Udp", "Icmp", "Esp", "Ah"),
}
_LOWEST, _HIGHEST = 100, 4096


def check_rules(group: Resource) -> None:
    seen: dict[tuple[str, int], str] = {}
    for rule in objects(group.properties.get("securityRules")):
        name, says = str(rule.get("name")), rule.get("properties") or {}
        for key, allowed in _CHOICES.items():
            if str(says.get(key)).lower() not in [one.lower() for one in allowed]:
                raise InvalidRule(name, key, says.get(key), ", ".join(allowed))
        priority = says.get("priority")
        if not isinstance(priority, int) or not _LOWEST <= priority <= _HIGHEST:
            raise InvalidRule(name, "priority", priority, f"{_LOWEST} to {_HIGHEST}")
        place = (str(says["direction"]).lower(), priority)
        if place in seen:
            raise RulesConflict(name, seen[place])
        seen[place] = name


def default_rules(group: Resource) -> Iterator[dict[str, Any]]:
    """What is inside may talk, a load balancer may probe, everything may leave, and nothing else comes in."""
    inside, anywhere = "VirtualNetwork", "*"
    for name, source, target, access, priority, direction in (
        ("AllowVnetInBound", inside, inside, "Allow", 65000, "Inbound"),
        ("AllowAzureLoadBalancerInBound", "AzureLoadBalancer", anywhere, "Allow", 65001, "Inbound"),
        ("DenyAllInBound", anywhere, anywhere, "Deny", 65500, "Inbound"),
        ("AllowVnetOutBound", inside, inside, "Allow", 65000, "Outbound"),
        ("AllowInternetOutBound", anywhere, "Internet", "Allow", 65001, "Outbound"),
        ("DenyAllOutBound", anywhere, anywhere, "Deny", 65500, "Outbound"),
    ):
        yield {
            "name": name,
            "id": f"{group.id}/defaultSecurityRules/{name}",
            "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
            "properties": {
                "provisioningState": "Succeeded",
                "protocol": "*",
                "sourcePortRange": "*",
                "destinationPortRange": "*",
                "sourceAddressPrefix": source,
                "destinationAddressPrefix": target,
                "access": access,
                "priority": priority,
                "direction": direction,
            },
        }
