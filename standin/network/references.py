"""What refers to what: read off the resources whenever somebody asks, so that nothing has to be kept in step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from standin.core.arm import Arm, Resource
from standin.network.errors import InvalidResourceReference

NETWORKS = "Microsoft.Network/virtualNetworks"
SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
GROUPS = "Microsoft.Network/networkSecurityGroups"
ADDRESSES = "Microsoft.Network/publicIPAddresses"
GATEWAYS = "Microsoft.Network/natGateways"
INTERFACES = "Microsoft.Network/networkInterfaces"
MACHINES = "Microsoft.Compute/virtualMachines"


def id_of(reference: object) -> str:
    """The id in `{"id": ...}`; "" where nothing is referred to."""
    return str(reference.get("id") or "") if isinstance(reference, Mapping) else ""


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; what is none of either is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def ip_configurations(interface: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Id and properties of each."""
    for one in objects(interface.properties.get("ipConfigurations")):
        yield f"{interface.id}/ipConfigurations/{one.get('name')}", one.get("properties") or {}


class References:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def need(self, reference: object, kind: str, by: Resource) -> Resource:
        """What is referred to. Raises InvalidResourceReference where it is not there, of another type or elsewhere."""
        wanted = id_of(reference)
        found = self._arm.get(wanted) if wanted else None
        if found is None or found.type.lower() != kind.lower() or self._region(found) != self._region(by):
            raise InvalidResourceReference(wanted or reference, by.id)
        return found

    def in_subnet(self, subnet: Resource) -> list[tuple[str, Mapping[str, Any]]]:
        """Id and properties of the configurations that have an address in it."""
        found = (one for interface in self._arm.list(INTERFACES) for one in ip_configurations(interface))
        return [one for one in found if _same(one[1].get("subnet"), subnet)]

    def of_address(self, address: Resource) -> str | None:
        """What holds a public address: the configuration of an interface, or a gateway."""
        for interface in self._arm.list(INTERFACES):
            for name, properties in ip_configurations(interface):
                if _same(properties.get("publicIPAddress"), address):
                    return name
        for gateway in self._arm.list(GATEWAYS):
            if any(_same(one, address) for one in objects(gateway.properties.get("publicIpAddresses"))):
                return gateway.id
        return None

    def interfaces_of_group(self, group: Resource) -> list[str]:
        return self._naming(INTERFACES, "networkSecurityGroup", group)

    def subnets_of_group(self, group: Resource) -> list[str]:
        return self._naming(SUBNETS, "networkSecurityGroup", group)

    def subnets_of_gateway(self, gateway: Resource) -> list[str]:
        return self._naming(SUBNETS, "natGateway", gateway)

    def machine_of(self, interface: Resource) -> str | None:
        for machine in self._arm.list(MACHINES):
            profile = machine.properties.get("networkProfile")
            named = objects(profile.get("networkInterfaces")) if isinstance(profile, Mapping) else []
            if any(_same(one, interface) for one in named):
                return machine.id
        return None

    def _naming(self, kind: str, place: str, wanted: Resource) -> list[str]:
        return [one.id for one in self._arm.list(kind) if _same(one.properties.get(place), wanted)]

    def _region(self, resource: Resource) -> str:
        """A subnet is where its network is."""
        above = self._arm.get(resource.parent_id) if resource.type == SUBNETS else None
        return (above or resource).location


def _same(reference: object, resource: Resource) -> bool:
    return id_of(reference).lower() == resource.key
