"""Refusals of Microsoft.Network, in Azure's codes and words.

https://learn.microsoft.com/azure/virtual-network/troubleshoot-delete-vnet
"""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.errors import BadRequest


class InvalidNetwork(BadRequest):
    code = "InvalidRequestFormat"


class InvalidResourceReference(BadRequest):
    code = "InvalidResourceReference"

    def __init__(self, wanted: object, by: str) -> None:
        super().__init__(
            f"Resource {wanted} referenced by resource {by} was not found. Please make sure that the referenced "
            "resource exists, and that both resources are in the same region."
        )


class InUseSecurityGroup(BadRequest):
    code = "InUseNetworkSecurityGroupCannotBeDeleted"

    def __init__(self, group: str, users: Sequence[str]) -> None:
        super().__init__(
            f"Network security group {group} cannot be deleted because it is in use by the following resources: "
            f"{', '.join(users)}. In order to delete the Network security group, remove the association with the "
            "resource(s). To learn how to do this, see aka.ms/deletensg."
        )


class InUseSubnet(BadRequest):
    code = "InUseSubnetCannotBeDeleted"

    def __init__(self, name: str, users: Sequence[str]) -> None:
        super().__init__(
            f"Subnet {name} is in use by {', '.join(users)} and cannot be deleted. In order to delete the subnet, "
            "delete all the resources within the subnet. See aka.ms/deletesubnet."
        )


class InUseInterface(BadRequest):
    code = "NicInUse"

    def __init__(self, interface: str, user: str) -> None:
        super().__init__(
            f"Network Interface {interface} is used by existing resource {user}. In order to delete the network "
            "interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic."
        )


class InUseAddress(BadRequest):
    code = "PublicIPAddressCannotBeDeleted"

    def __init__(self, address: str, user: str) -> None:
        super().__init__(
            f"Public IP address {address} can not be deleted since it is still allocated to resource {user}. In order "
            "to delete the public IP, disassociate/detach the Public IP address from the resource.  To learn how to do "
            "this, see aka.ms/deletepublicip."
        )


class InUseGateway(BadRequest):
    code = "CannotDeleteNatGatewayAssociatedToSubnet"

    def __init__(self, gateway: str, count: int) -> None:
        super().__init__(
            f"NAT Gateway {gateway} is still configured on {count} subnets. Remove NAT Gateway from all referenced "
            "subnets and then delete NAT Gateway."
        )


class AddressTaken(BadRequest):
    code = "PublicIPAddressInUse"

    def __init__(self, user: str, address: str, other: str) -> None:
        super().__init__(
            f"Resource {user} is referencing public IP address {address} that is already allocated to resource {other}."
        )


class MustBeStatic(BadRequest):
    code = "StandardSkuPublicIPAddressesMustBeStatic"

    def __init__(self, address: str) -> None:
        super().__init__(f"Standard sku publicIp {address} must have AllocationMethod set to Static.")


class NoMoreBasic(BadRequest):
    """Azure retired addresses of the SKU Basic in September 2025."""

    code = "IPv4BasicSkuPublicIpCountLimitReached"

    def __init__(self) -> None:
        super().__init__(
            "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region."
        )


class SubnetOutside(BadRequest):
    code = "NetcfgSubnetRangeOutsideVnet"

    def __init__(self, name: str, network: str) -> None:
        super().__init__(
            f"Subnet '{name}' is not valid because its IP address range is outside the IP address range of virtual "
            f"network '{network}'."
        )


class SubnetsOverlap(BadRequest):
    code = "NetcfgSubnetRangesOverlap"

    def __init__(self, name: str, network: str) -> None:
        super().__init__(
            f"Subnet '{name}' is not valid because its IP address range overlaps with that of an existing subnet in "
            f"virtual network '{network}'."
        )


class InvalidPrefix(BadRequest):
    code = "InvalidAddressPrefixFormat"

    def __init__(self, prefix: object, of: str) -> None:
        super().__init__(
            f"Address prefix {prefix} of resource {of} is not formatted correctly. It should follow CIDR notation, for "
            "example 10.0.0.0/24."
        )


class SubnetFull(BadRequest):
    code = "SubnetIsFull"

    def __init__(self, subnet: str, prefix: str, asked: str) -> None:
        super().__init__(
            f"Subnet {subnet} with address prefix {prefix} does not have enough capacity for 1 IP addresses ({asked})."
        )


class PrivateAddressInUse(BadRequest):
    code = "PrivateIPAddressInUse"

    def __init__(self, user: str, address: str, other: str) -> None:
        super().__init__(
            f"IP configuration {user} is using the private IP address {address} which is already allocated to resource "
            f"{other}."
        )


class PrivateAddressOutside(BadRequest):
    code = "PrivateIPAddressNotInSubnet"

    def __init__(self, address: object, prefix: str) -> None:
        super().__init__(f"Private static IP address {address} does not belong to the range of subnet prefix {prefix}.")


class RulesConflict(BadRequest):
    code = "SecurityRuleConflict"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(
            f"Security rule {one} conflicts with rule {other}. Rules cannot have the same Priority and Direction. To "
            "learn more, see aka.ms/nsgrules."
        )


class InvalidRule(BadRequest):
    code = "SecurityRuleParameterPriorityOutOfRange"

    def __init__(self, rule: object, name: str, value: object, allowed: str) -> None:
        super().__init__(f"Security rule {rule}: {name} is {value!r}, allowed: {allowed}.")
