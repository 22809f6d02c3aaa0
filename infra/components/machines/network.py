"""The network of the stack's virtual machines: nobody comes in, and how they get out is said.

A new network gives machines without an address of their own no way out in newer versions of Azure's API, and one that
is going to be retired in older ones: so each subnet says that it has none by default, and what it has instead.
https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from infra.components.site import Site

_SPACE = "10.90.0.0/16"
PUBLIC_IP, NAT = "publicIp", "nat"
_PREFIXES: Mapping[str, str] = {PUBLIC_IP: "10.90.0.0/24", NAT: "10.90.1.0/24"}
"""By how their machines get out: behind a NAT gateway an address of one's own would be of no use."""
_SUBNETS: Mapping[str, str] = {PUBLIC_IP: "machines", NAT: "machines-nat"}


@dataclass(frozen=True, kw_only=True)
class MachineNetworkArgs:
    site: Site
    network_name: str
    security_group_name: str
    nat_gateway_name: str
    nat_address_name: str
    outbound: Sequence[str]
    """The ways out that some machine has."""


class MachineNetwork(pulumi.ComponentResource):
    def __init__(self, name: str, args: MachineNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:MachineNetwork", name, None, opts)
        self._args = args
        closed = self._security_group(name)
        gateway = self._nat_gateway(name) if NAT in args.outbound else None
        self._network = network.VirtualNetwork(
            name,
            virtual_network_name=args.network_name,
            resource_group_name=args.site.resource_group_name,
            location=args.site.location,
            tags=args.site.tags,
            address_space=network.AddressSpaceArgs(address_prefixes=[_SPACE]),
            # As part of the network, not beside it: a PUT of a network without its subnets would take them away. Both
            # always, as Azure removes none that an interface is still in: the one that nobody needs costs nothing.
            subnets=[
                network.SubnetArgs(
                    name=_SUBNETS[way],
                    address_prefix=_PREFIXES[way],
                    default_outbound_access=False,
                    network_security_group=network.NetworkSecurityGroupArgs(id=closed.id),
                    nat_gateway=network.SubResourceArgs(id=gateway.id) if gateway and way == NAT else None,
                )
                for way in sorted(_SUBNETS)
            ],
            # Azure's, and another one as soon as a machine has an address in there; azure-native takes it for an input
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, ignore_changes=["subnets[*].etag"]),
        )
        self.register_outputs({})

    def subnet_id(self, outbound: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(self._network.id, "/subnets/", _SUBNETS[outbound])

    def _security_group(self, name: str) -> network.NetworkSecurityGroup:
        """Before Azure's own rules, which let in what is in the same network."""
        return network.NetworkSecurityGroup(
            name,
            network_security_group_name=self._args.security_group_name,
            resource_group_name=self._args.site.resource_group_name,
            location=self._args.site.location,
            tags=self._args.site.tags,
            security_rules=[
                network.SecurityRuleArgs(
                    name="nobody-comes-in",
                    priority=100,
                    direction="Inbound",
                    access="Deny",
                    protocol="*",
                    source_address_prefix="*",
                    source_port_range="*",
                    destination_address_prefix="*",
                    destination_port_range="*",
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _nat_gateway(self, name: str) -> network.NatGateway:
        site = self._args.site
        address = public_address(f"{name}-nat", self._args.nat_address_name, site, pulumi.ResourceOptions(parent=self))
        return network.NatGateway(
            name,
            nat_gateway_name=self._args.nat_gateway_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            sku=network.NatGatewaySkuArgs(name="Standard"),
            public_ip_addresses=[network.SubResourceArgs(id=address.id)],
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )


def public_address(name: str, address_name: str, site: Site, opts: pulumi.ResourceOptions) -> network.PublicIPAddress:
    """Standard: the other kind is retired, and lets in whatever no rule refuses."""
    more = pulumi.ResourceOptions(
        delete_before_replace=True,
        replace_on_changes=["sku", "publicIPAllocationMethod", "publicIPAddressVersion"],
        # what a gateway that has it is answered as, and azure-native takes for an input
        ignore_changes=["natGateway"],
    )
    return network.PublicIPAddress(
        name,
        public_ip_address_name=address_name,
        resource_group_name=site.resource_group_name,
        location=site.location,
        tags=site.tags,
        sku=network.PublicIPAddressSkuArgs(name="Standard"),
        public_ip_allocation_method="Static",
        public_ip_address_version="IPv4",
        opts=pulumi.ResourceOptions.merge(opts, more),
    )
