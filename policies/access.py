"""Who may come in, and by what: identities and roles, not shared keys; TLS 1.2 or newer."""

from __future__ import annotations

from policies.checks import by_type, matches, one_of
from policies.rule import Level, Rule

NO_SHARED_SECRETS = Rule(
    name="no-shared-secrets",
    description="No admin user, no account key, no anonymous reader: who comes in has an identity with a role.",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:storage:StorageAccount": [
                one_of("allowSharedKeyAccess", False),
                one_of("allowBlobPublicAccess", False),
            ],
            "azure-native:keyvault:Vault": [one_of("properties.enableRbacAuthorization", True)],
            "azure-native:containerregistry:Registry": [
                one_of("adminUserEnabled", False),
                one_of("anonymousPullEnabled", False),
                one_of("roleAssignmentMode", "LegacyRegistryPermissions"),
            ],
            "azure-native:machinelearningservices:Workspace": [
                one_of("identity.type", "UserAssigned", "SystemAssigned,UserAssigned"),
                one_of("systemDatastoresAuthMode", "Identity"),
            ],
            "azure-native:iothub:IotHubResource": [one_of("identity.type", "SystemAssigned")],
            "azure-native:containerservice:ManagedCluster": [
                one_of("identity.type", "SystemAssigned", "UserAssigned"),
                one_of("enableRBAC", True),
            ],
            "azure-native:containerinstance:ContainerGroup": [
                one_of("identity.type", "UserAssigned", "SystemAssigned, UserAssigned"),
            ],
        }
    ),
)

LEAST_RIGHTS = Rule(
    name="least-rights",
    description="A token of the registry only reads, and a role is assigned to a principal of a known kind.",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:containerregistry:ScopeMap": [
                matches("actions[*]", r"repositories/[a-z0-9/_-]+/(content|metadata)/read"),
            ],
            "azure-native:authorization:RoleAssignment": [
                one_of("principalType", "ServicePrincipal", "User", "Group"),
            ],
        }
    ),
)

TLS = Rule(
    name="tls-1.2",
    description="Plain HTTP is refused by what holds data, and TLS older than 1.2 too.",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:storage:StorageAccount": [
                one_of("minimumTlsVersion", "TLS1_2"),
                one_of("enableHttpsTrafficOnly", True),
            ],
            "azure-native:iothub:IotHubResource": [one_of("properties.minTlsVersion", "1.2")],
            "azure-native:kubernetesconfiguration:Extension": [
                one_of("configurationSettings.allowInsecureConnections"),
            ],
        }
    ),
)
