"""https://learn.microsoft.com/azure/nat-gateway/nat-overview"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Resource
from standin.network.errors import AddressTaken, InUseGateway, InvalidNetwork
from standin.network.kinds.kind import NetworkKind, references_to
from standin.network.references import ADDRESSES, GATEWAYS, objects

_IDLE_MINUTES = range(4, 121)


class NatGateway(NetworkKind):
    type = GATEWAYS
    keeps = ("sku", "zones", "properties.idleTimeoutInMinutes", "properties.publicIpAddresses")
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {"sku.name": ("Standard",), "sku.tier": ("Regional",)}
    create_only = ("zones",)
    defaults: ClassVar[Mapping[str, Any]] = {
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {"idleTimeoutInMinutes": 4},
    }

    async def check(self, new: Resource, old: Resource | None) -> None:
        minutes = new.properties["idleTimeoutInMinutes"]
        if minutes not in _IDLE_MINUTES:
            raise InvalidNetwork(
                f"idleTimeoutInMinutes of {new.id} is {minutes!r}: allowed are {_IDLE_MINUTES[0]} to "
                f"{_IDLE_MINUTES[-1]}."
            )
        for one in objects(new.properties.get("publicIpAddresses")):
            address = self._references.need(one, ADDRESSES, new)
            user = self._references.of_address(address)
            if user is not None and user.lower() != new.key:
                raise AddressTaken(new.id, address.id, user)

    def view(self, resource: Resource) -> dict[str, Any]:
        subnets = self._references.subnets_of_gateway(resource)
        return self.shown(resource, **({"subnets": references_to(subnets)} if subnets else {}))

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        if subnets := self._references.subnets_of_gateway(resource):
            raise InUseGateway(resource.id, len(subnets))
