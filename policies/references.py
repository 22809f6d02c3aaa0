"""What points elsewhere: principals, roles, subscriptions, hubs, devices by condition."""

from __future__ import annotations

from policies.checks import by_type, matches
from policies.patterns import GUID, HUB_HOST
from policies.rule import Level, Rule

_ROLE_DEFINITION = rf"/subscriptions/{GUID}/providers/Microsoft\.Authorization/roleDefinitions/{GUID}"

REFERENCES = Rule(
    name="well-formed-references",
    description="What points to something else has the form that Azure resolves; a principal is an object id, no name.",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:authorization:RoleAssignment": [
                matches("principalId", GUID),
                matches("roleDefinitionId", _ROLE_DEFINITION),
            ],
            "azure-native:keyvault:Vault": [matches("properties.tenantId", GUID)],
            "mledge:ml:RegisteredModel": [matches("subscriptionId", GUID)],
            "mledge:iothub:DeviceIdentity": [matches("hubHost", HUB_HOST)],
            "mledge:iothub:EdgeDeployment": [
                matches("hubHost", HUB_HOST),
                matches("targetCondition", r"\(.+\)"),
            ],
            "mledge:azure:RoleReady": [
                matches("checks[*].principalId", GUID),
                matches("checks[*].scope", "/.+"),
                matches("checks[*].roleDefinitionId", "/.+"),
            ],
        }
    ),
)
