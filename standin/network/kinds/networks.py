"""Virtual networks and their subnets, which are resources of their own wherever they are said.

https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks
A PUT of a network with a list of subnets sets them; one without leaves them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource
from standin.core.arm.errors import NotBuilt
from standin.network.errors import InUseSubnet, InvalidNetwork, SubnetOutside, SubnetsOverlap
from standin.network.kinds.kind import NetworkKind, etag_of, references_to
from standin.network.ranges import as_range, prefix_of
from standin.network.references import GATEWAYS, GROUPS, NETWORKS, SUBNETS, References, objects

_OF_A_SUBNET = (
    "addressPrefix", "addressPrefixes", "defaultOutboundAccess", "natGateway", "networkSecurityGroup",
    "privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies",
)  # fmt: skip
_ANSWERED = ("provisioningState", "ipConfigurations", "delegations", "purpose")
_SHOWN: Mapping[str, Any] = {
    "delegations": [],
    "privateEndpointNetworkPolicies": "Disabled",
    "privateLinkServiceNetworkPolicies": "Enabled",
}


class Subnet(NetworkKind):
    type = SUBNETS
    tracked = False
    keeps = tuple(f"properties.{name}" for name in _OF_A_SUBNET)
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {"properties.delegations": ([],)}

    async def check(self, new: Resource, old: Resource | None) -> None:
        network = self._arm.require(new.parent_id)
        others = [one for one in self._arm.list(SUBNETS, network.id) if one.key != new.key]
        self.check_in(network, new, others)

    def check_in(self, network: Resource, subnet: Resource, others: Sequence[Resource]) -> None:
        """`network` as it will be, and the subnets that lie beside this one."""
        prefix = prefix_of(subnet.properties, subnet.id)
        if not any(prefix.subnet_of(one) for one in ranges_of(network)):
            raise SubnetOutside(subnet.name, network.name)
        if any(prefix.overlaps(prefix_of(one.properties, one.id)) for one in others):
            raise SubnetsOverlap(subnet.name, network.name)
        for place, kind in (("networkSecurityGroup", GROUPS), ("natGateway", GATEWAYS)):
            if subnet.properties.get(place):
                # before its network is written it is asked of the network where it would be
                self._references.need(subnet.properties[place], kind, replace(network, id=subnet.id))

    def etag(self, resource: Resource) -> str:
        """Its network's."""
        return network_etag(self._arm, self._references, self._arm.get(resource.parent_id) or resource)

    def view(self, resource: Resource) -> dict[str, Any]:
        users = [name for name, _ in self._references.in_subnet(resource)]
        shown = self.shown(resource, **({"ipConfigurations": references_to(users)} if users else {}))
        shown["properties"].pop("resourceGuid")
        shown["properties"] = {**_SHOWN, **shown["properties"]}
        return shown

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        if users := self._references.in_subnet(resource):
            raise InUseSubnet(resource.name, [name for name, _ in users])


class VirtualNetwork(NetworkKind):
    type = NETWORKS
    keeps = ("properties.addressSpace", "properties.subnets", "properties.enableDdosProtection")
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.enableDdosProtection": (False,),
        "properties.enableVmProtection": (False,),
        "properties.virtualNetworkPeerings": ([],),
    }

    def __init__(self, arm: Arm, subnets: Subnet) -> None:
        super().__init__(arm)
        self._subnets = subnets

    def etag(self, resource: Resource) -> str:
        return network_etag(self._arm, self._references, resource)

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not ranges_of(new):
            raise InvalidNetwork(f"addressSpace.addressPrefixes of {new.id} is empty: one prefix is the least.")
        said = new.properties.get("subnets")
        there = self._arm.list(SUBNETS, new.id)
        wanted = _said(new, said, there) if said is not None else there
        for index, subnet in enumerate(wanted):
            self._subnets.check_in(new, subnet, wanted[:index])
        kept = {subnet.key for subnet in wanted}
        for subnet in there:
            if subnet.key not in kept:
                await self._subnets.check_delete(subnet, {})

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        said = resource.properties.pop("subnets", None)
        if said is None:
            return
        there = self._arm.list(SUBNETS, resource.id)
        wanted = {one.key: one for one in _said(resource, said, there)}
        for subnet in there:
            if subnet.key not in wanted:
                self._arm.forget(subnet)
        for subnet in wanted.values():
            self._arm.save(subnet)

    def view(self, resource: Resource) -> dict[str, Any]:
        return self.shown(
            resource,
            subnets=[
                {**self._subnets.view(one), "id": one.id, "name": one.name, "type": SUBNETS}
                for one in self._arm.list(SUBNETS, resource.id)
            ],
            virtualNetworkPeerings=[],
            enableDdosProtection=False,
        )

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        for subnet in self._arm.list(SUBNETS, resource.id):
            await self._subnets.check_delete(subnet, query)


def network_etag(arm: Arm, references: References, network: Resource) -> str:
    """Another one for whatever changes in a network, also who has an address in one of its subnets."""
    subnets = arm.list(SUBNETS, network.id)
    users = [name for subnet in subnets for name, _ in references.in_subnet(subnet)]
    return etag_of(network, *(f"{subnet.key}|{subnet.generation}" for subnet in subnets), *users)


def ranges_of(network: Resource) -> list[IPv4Network]:
    space = network.properties.get("addressSpace")
    listed = space.get("addressPrefixes") if isinstance(space, Mapping) else None
    return [as_range(one, network.id) for one in listed] if isinstance(listed, list) else []


def _said(network: Resource, said: object, there: Sequence[Resource]) -> list[Resource]:
    """The subnets of a network's body as the resources that they are to be."""
    known = {one.key: one for one in there}
    return [_one(network, one, known) for one in objects(said)]


def _one(network: Resource, said: Mapping[str, Any], known: Mapping[str, Resource]) -> Resource:
    name = said.get("name")
    if not isinstance(name, str) or not name:
        raise InvalidNetwork(f"a subnet of {network.id} has the name {name!r}: 1 to 80 letters, digits, '_', '.', '-'.")
    properties = {key: value for key, value in (said.get("properties") or {}).items() if key not in _ANSWERED}
    for key, value in properties.items():
        if key not in _OF_A_SUBNET and value not in (None, "", [], {}):
            raise NotBuilt(f"properties.subnets[*].properties.{key}", value, network.type, ())
    before = known.get(f"{network.key}/subnets/{name.lower()}")
    same = before is not None and before.properties == properties
    return Resource(
        id=before.id if before else f"{network.id}/subnets/{name}",
        type=SUBNETS,
        name=before.name if before else name,
        body={"properties": properties},
        created_at=before.created_at if before else network.changed_at,
        changed_at=before.changed_at if before and same else network.changed_at,
        generation=(before.generation if before else 0) + (0 if same else 1),
    )
