"""Azure's networks, as far as one machine in them needs: nothing is routed here.

Each of these lines stands on those below it:

    kinds           networks with their subnets, security groups, public addresses, NAT gateways, interfaces
    ranges, rules   of addresses; of security groups
    references      what refers to what, read off the resources
    errors
"""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.part import Part
from standin.network.kinds.gateways import NatGateway
from standin.network.kinds.interfaces import NetworkInterface
from standin.network.kinds.networks import Subnet, VirtualNetwork
from standin.network.kinds.public_addresses import PublicIPAddress
from standin.network.kinds.security_groups import NetworkSecurityGroup

__all__ = ["PublicIPAddress", "part"]


def part(arm: Arm) -> Part:
    subnets = Subnet(arm)
    return Part(
        name="network",
        kinds=(
            VirtualNetwork(arm, subnets),
            subnets,
            NetworkSecurityGroup(arm),
            PublicIPAddress(arm),
            NatGateway(arm),
            NetworkInterface(arm),
        ),
    )
