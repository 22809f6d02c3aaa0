"""A workspace, with what it needs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from azure.identity import DefaultAzureCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from tests.standin.running import wire

GROUP, WORKSPACE = "rg-ml", "mlw-judges"
BASE = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}/providers"
STORAGE = f"{BASE}/Microsoft.Storage/storageAccounts/stml"
PATH = f"{BASE}/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}"
VAULT = f"{BASE}/Microsoft.KeyVault/vaults/kv-ml"
INSIGHTS = f"{BASE}/Microsoft.Insights/components/appi-ml"


def workspace_body(**properties: Any) -> dict[str, Any]:
    return {
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "storageAccount": STORAGE,
            "keyVault": VAULT,
            "applicationInsights": INSIGHTS,
            **properties,
        },
    }


def make_what_a_workspace_needs(credential: DefaultAzureCredential) -> None:
    with (
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as groups,
        StorageManagementClient(credential, SUBSCRIPTION_ID) as storage,
        KeyVaultManagementClient(credential, SUBSCRIPTION_ID) as vaults,
        ApplicationInsightsManagementClient(credential, SUBSCRIPTION_ID) as insights,
        AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as access,
    ):
        place = {"location": "westeurope"}
        groups.resource_groups.create_or_update(GROUP, wire(place))
        account = {**place, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        for name in ("stml", "stother"):
            storage.storage_accounts.begin_create(GROUP, name, wire(account)).result()
        vault = {**place, "properties": {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}}}
        vaults.vaults.begin_create_or_update(GROUP, "kv-ml", wire(vault)).result()
        component = {**place, "kind": "web", "properties": {"Application_Type": "web"}}
        insights.components.create_or_update(GROUP, "appi-ml", wire(component))
        grant(access, STORAGE, DEPLOYER_OBJECT_ID, "Storage Blob Data Contributor")


def grant(access: AuthorizationManagementClient, scope: str, principal: str, role: str) -> None:
    definition = "/providers/Microsoft.Authorization/roleDefinitions/" + BUILT_IN_ROLES[role]
    access.role_assignments.create(
        scope, str(uuid4()), wire({"properties": {"roleDefinitionId": definition, "principalId": principal}})
    )
