"""https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, ClassVar

from standin.core.arm import Resource
from standin.network.errors import (
    AddressTaken,
    InUseInterface,
    InvalidNetwork,
    PrivateAddressInUse,
    PrivateAddressOutside,
    SubnetFull,
)
from standin.network.kinds.kind import NetworkKind
from standin.network.ranges import checked, first_free, prefix_of
from standin.network.references import ADDRESSES, GROUPS, INTERFACES, SUBNETS, objects

_OF_A_CONFIGURATION = (
    "primary", "privateIPAddress", "privateIPAddressVersion", "privateIPAllocationMethod", "publicIPAddress", "subnet",
    "provisioningState",
)  # fmt: skip
_SHOWN: Mapping[str, Any] = {
    "enableAcceleratedNetworking": False,
    "enableIPForwarding": False,
    "disableTcpStateTracking": False,
    "vnetEncryptionSupported": False,
    "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
    "hostedWorkloads": [],
    "tapConfigurations": [],
    "nicType": "Standard",
    "auxiliaryMode": "None",
    "auxiliarySku": "None",
}


class NetworkInterface(NetworkKind):
    type = INTERFACES
    keeps = ("properties.ipConfigurations", "properties.networkSecurityGroup", "properties.enableAcceleratedNetworking")
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.enableIPForwarding": (False,),
        "properties.disableTcpStateTracking": (False,),
        "properties.nicType": ("Standard",),
        "properties.auxiliaryMode": ("None",),
        "properties.auxiliarySku": ("None",),
        **{
            f"properties.ipConfigurations[*].properties.{name}": ()
            for name in (
                "applicationGatewayBackendAddressPools", "applicationSecurityGroups", "gatewayLoadBalancer",
                "loadBalancerBackendAddressPools", "loadBalancerInboundNatRules", "virtualNetworkTaps",
            )
        },
        "properties.ipConfigurations[*].properties.privateIPAddressVersion": ("IPv4",),
    }  # fmt: skip

    async def check(self, new: Resource, old: Resource | None) -> None:
        listed = objects(new.properties.get("ipConfigurations"))
        if not listed:
            raise InvalidNetwork(f"ipConfigurations of {new.id} is empty: one configuration is the least.")
        if new.properties.get("networkSecurityGroup"):
            self._references.need(new.properties["networkSecurityGroup"], GROUPS, new)
        before = dict(_addresses(old)) if old is not None else {}
        for index, one in enumerate(listed):
            self._check_configuration(new, one, before, alone=index == 0)

    def _check_configuration(
        self, interface: Resource, one: dict[str, Any], before: Mapping[str, str], *, alone: bool
    ) -> None:
        says = one.setdefault("properties", {})
        says.setdefault("privateIPAllocationMethod", "Dynamic")
        says.setdefault("privateIPAddressVersion", "IPv4")
        says.setdefault("primary", alone)
        me = f"{interface.id}/ipConfigurations/{one.get('name')}"
        subnet = self._references.need(says.get("subnet"), SUBNETS, interface)
        if says.get("publicIPAddress"):
            address = self._references.need(says["publicIPAddress"], ADDRESSES, interface)
            user = self._references.of_address(address)
            if user is not None and not user.lower().startswith(interface.key + "/"):
                raise AddressTaken(me, address.id, user)
        says["privateIPAddress"] = self._private(subnet, me, says, before.get(me.lower()))

    def _private(self, subnet: Resource, me: str, says: Mapping[str, Any], before: str | None) -> str:
        """The address that it asks for, has already, or is given."""
        own = me.lower().rpartition("/ipconfigurations/")[0] + "/"
        taken = {
            str(properties.get("privateIPAddress")): name
            for name, properties in self._references.in_subnet(subnet)
            if not name.lower().startswith(own)
        }
        prefix = prefix_of(subnet.properties, subnet.id)
        if says["privateIPAllocationMethod"] == "Static":
            asked = checked(says.get("privateIPAddress"), prefix)
            if asked in taken:
                raise PrivateAddressInUse(me, asked, taken[asked])
            return asked
        if before is not None and before not in taken and _within(before, prefix):
            return before
        free = first_free(prefix, taken)
        if free is None:
            raise SubnetFull(subnet.name, str(prefix), me)
        return free

    def view(self, resource: Resource) -> dict[str, Any]:
        machine = self._references.machine_of(resource)
        properties: dict[str, Any] = {
            "ipConfigurations": self.below(resource, "ipConfigurations", resource.properties.get("ipConfigurations"))
        }
        if machine is not None:
            properties |= {"virtualMachine": {"id": machine}, "primary": True, "macAddress": _mac(resource)}
        shown = self.shown(resource, **properties)
        return {**shown, "kind": "Regular", "properties": {**_SHOWN, **shown["properties"]}}

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        if (machine := self._references.machine_of(resource)) is not None:
            raise InUseInterface(resource.id, machine)


def _addresses(interface: Resource) -> Iterator[tuple[str, str]]:
    for one in objects(interface.properties.get("ipConfigurations")):
        address = (one.get("properties") or {}).get("privateIPAddress")
        if address:
            yield f"{interface.key}/ipconfigurations/{str(one.get('name')).lower()}", str(address)


def _within(address: str, prefix: IPv4Network) -> bool:
    try:
        checked(address, prefix)
    except PrivateAddressOutside:
        return False
    return True


def _mac(interface: Resource) -> str:
    """Of Microsoft's own range, as long as the interface lives."""
    tail = uuid.uuid5(uuid.NAMESPACE_URL, f"{interface.key}|{interface.created_at}").hex[:6].upper()
    return "-".join(["7C", "1E", "52", tail[:2], tail[2:4], tail[4:]])
