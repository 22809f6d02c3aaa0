"""https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Resource
from standin.network.errors import InUseAddress, InvalidNetwork, MustBeStatic, NoMoreBasic
from standin.network.kinds.kind import NetworkKind
from standin.network.references import ADDRESSES

_IDLE_MINUTES = range(4, 31)
_NOBODYS = "203.0.113."
"""A range of documentation: nobody answers there, and nobody can take it for a machine's. https://www.rfc-editor.org/rfc/rfc5737"""


class PublicIPAddress(NetworkKind):
    type = ADDRESSES
    keeps = (
        "sku",
        "zones",
        *(
            f"properties.{name}"
            for name in ("idleTimeoutInMinutes", "ipTags", "publicIPAddressVersion", "publicIPAllocationMethod")
        ),
    )
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "sku.tier": ("Regional",),
        "properties.publicIPAddressVersion": ("IPv4",),
        "properties.ipTags": ([],),
    }
    create_only = ("sku.name", "zones", "properties.publicIPAddressVersion")
    defaults: ClassVar[Mapping[str, Any]] = {
        "sku": {"name": "Basic", "tier": "Regional"},
        "properties": {
            "publicIPAddressVersion": "IPv4",
            "publicIPAllocationMethod": "Dynamic",
            "idleTimeoutInMinutes": 4,
            "ipTags": [],
        },
    }

    async def check(self, new: Resource, old: Resource | None) -> None:
        sku = new.body["sku"].get("name") if isinstance(new.body["sku"], Mapping) else None
        if sku == "Basic":
            raise NoMoreBasic
        if sku != "Standard":
            raise InvalidNetwork(f"sku.name of {new.id} is {sku!r}: allowed are Basic, Standard and StandardV2.")
        if new.properties["publicIPAllocationMethod"] != "Static":
            raise MustBeStatic(new.id)
        if new.properties["idleTimeoutInMinutes"] not in _IDLE_MINUTES:
            raise InvalidNetwork(
                f"idleTimeoutInMinutes of {new.id} is {new.properties['idleTimeoutInMinutes']!r}: allowed are "
                f"{_IDLE_MINUTES[0]} to {_IDLE_MINUTES[-1]}."
            )

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        seed = uuid.uuid5(uuid.NAMESPACE_URL, f"{resource.key}|{resource.created_at}").int
        resource.properties["ipAddress"] = f"{_NOBODYS}{1 + seed % 254}"

    def view(self, resource: Resource) -> dict[str, Any]:
        user = self._references.of_address(resource)
        if user is None:
            return self.shown(resource)
        place = "natGateway" if "/natGateways/" in user else "ipConfiguration"
        return self.shown(resource, **{place: {"id": user}})

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        user = self._references.of_address(resource)
        if user is not None:
            raise InUseAddress(resource.id, user)
