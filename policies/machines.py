"""Virtual machines: nobody comes in, what boots is signed, and the way out is said.

https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access
"""

from __future__ import annotations

from policies.checks import by_type, one_of
from policies.rule import Level, Rule

CLOSED_MACHINES = Rule(
    name="closed-machines",
    description="A machine boots what is signed and knows no password, nobody comes in, and how it gets out is said.",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:compute:VirtualMachine": [
                one_of("securityProfile.securityType", "TrustedLaunch"),
                one_of("securityProfile.uefiSettings.secureBootEnabled", True),
                one_of("securityProfile.uefiSettings.vTpmEnabled", True),
                one_of("osProfile.linuxConfiguration.disablePasswordAuthentication", True),
                one_of("osProfile.adminPassword"),
            ],
            "azure-native:network:NetworkSecurityGroup": [one_of("securityRules[*].access", "Deny")],
            "azure-native:network:VirtualNetwork": [one_of("subnets[*].defaultOutboundAccess", False)],
            "azure-native:network:PublicIPAddress": [one_of("sku.name", "Standard")],
        }
    ),
)
