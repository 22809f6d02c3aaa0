"""Names as Azure allows them, so that a preview refuses what an `up` would stop at."""

from __future__ import annotations

from policies.checks import by_type, matches
from policies.patterns import GUID
from policies.rule import Level, Rule

_OF_A_NETWORK = r"[A-Za-z0-9]([\w.-]{0,78}\w)?"

NAMES = Rule(
    name="resource-names",
    description="A name is as Azure allows it: "
    "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:resources:ResourceGroup": [matches("resourceGroupName", r"[\w()-]{1,90}")],
            "azure-native:managedidentity:UserAssignedIdentity": [
                matches("resourceName", r"[A-Za-z0-9][\w-]{2,127}"),
            ],
            "azure-native:authorization:RoleAssignment": [matches("roleAssignmentName", GUID)],
            "azure-native:operationalinsights:Workspace": [
                matches("workspaceName", r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]"),
            ],
            "azure-native:applicationinsights:Component": [matches("resourceName", r"[\w().-]{1,254}[\w()-]")],
            "azure-native:storage:StorageAccount": [matches("accountName", r"[a-z0-9]{3,24}")],
            "azure-native:keyvault:Vault": [matches("vaultName", r"[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]")],
            "azure-native:containerregistry:Registry": [matches("registryName", r"[a-zA-Z0-9]{5,50}")],
            "azure-native:containerregistry:ScopeMap": [matches("scopeMapName", r"[a-zA-Z0-9-_]{5,50}")],
            "azure-native:containerregistry:Token": [matches("tokenName", r"[a-zA-Z0-9-]{5,50}")],
            "azure-native:machinelearningservices:Workspace": [
                matches("workspaceName", r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}"),
            ],
            "azure-native:machinelearningservices:OnlineEndpoint": [
                matches("endpointName", r"(?=.{3,32}\Z)[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*"),
            ],
            "azure-native:machinelearningservices:Compute": [
                matches("computeName", r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}"),
            ],
            "azure-native:containerservice:ManagedCluster": [
                matches("resourceName", r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"),
                matches("dnsPrefix", r"[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?"),
                matches("nodeResourceGroup", r"[\w().-]{1,79}[\w()-]"),
            ],
            "azure-native:compute:VirtualMachine": [
                matches("vmName", r"[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?"),
                matches("osProfile.computerName", r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?"),
            ],
            "azure-native:network:VirtualNetwork": [matches("virtualNetworkName", r"[A-Za-z0-9][\w.-]{0,62}\w")],
            "azure-native:network:NetworkSecurityGroup": [matches("networkSecurityGroupName", _OF_A_NETWORK)],
            "azure-native:network:NetworkInterface": [matches("networkInterfaceName", _OF_A_NETWORK)],
            "azure-native:network:PublicIPAddress": [matches("publicIpAddressName", _OF_A_NETWORK)],
            "azure-native:network:NatGateway": [matches("natGatewayName", _OF_A_NETWORK)],
            "azure-native:iothub:IotHubResource": [
                matches("resourceName", r"[A-Za-z0-9][A-Za-z0-9-]{1,48}[A-Za-z0-9]"),
            ],
            "azure-native:iothub:IotHubResourceEventHubConsumerGroup": [matches("name", r"[A-Za-z0-9][\w.-]{0,49}")],
            "azure-native:containerinstance:ContainerGroup": [
                matches("containerGroupName", r"[a-z0-9](?!.*--)[a-z0-9-]{0,61}[a-z0-9]"),
                matches("ipAddress.dnsNameLabel", r"[a-z](?!.*--)[a-z0-9-]{3,61}[a-z0-9]"),
            ],
            "mledge:docker:Image": [matches("repository", r"edgeway/(training/)?[a-z0-9_-]+")],
            "mledge:iothub:EdgeDeployment": [matches("name", r"[a-z0-9-]{1,128}")],
        }
    ),
)
