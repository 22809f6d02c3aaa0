"""Shapes of answers as Azure's recorded ones have them, where a client could trip over them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from tests.standin.running import RunningStandin

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-recorded-shapes"
PLACE = {"location": "westeurope"}
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


@pytest.fixture
def providers(azure: RunningStandin) -> str:
    azure.arm("PUT", GROUP, PLACE)
    return f"{GROUP}/providers"


def _storage(**more: Any) -> dict[str, Any]:
    return {**PLACE, "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", **more}


def test_an_identitys_id_comes_back_in_the_services_own_spelling(azure: RunningStandin, providers: str) -> None:
    asked = f"{providers}/Microsoft.ManagedIdentity/userAssignedIdentities/id-spelt"
    made = azure.arm("PUT", asked, PLACE).json()
    assert made["id"] == asked.replace("/resourceGroups/", "/resourcegroups/")
    # and is understood as it is answered, by whoever names it
    body = _storage(identity={"type": "UserAssigned", "userAssignedIdentities": {made["id"]: {}}})
    account = azure.arm("PUT", f"{providers}/Microsoft.Storage/storageAccounts/stspelt", body).json()
    assert account["identity"]["userAssignedIdentities"][made["id"]]["principalId"] == made["properties"]["principalId"]


def test_application_insights_spells_its_own_namespace_small(azure: RunningStandin, providers: str) -> None:
    path = f"{providers}/Microsoft.Insights/components/appi-spelt"
    made = azure.arm("PUT", path, {**PLACE, "kind": "web", "properties": {"Application_Type": "web"}}).json()
    assert made["id"] == path.replace("Microsoft.Insights", "microsoft.insights")
    assert made["type"] == "microsoft.insights/components"
    assert made["properties"]["Flow_Type"] is None


def test_not_every_answer_has_system_data_and_what_has_no_tags_has_none_of_them(
    azure: RunningStandin, providers: str
) -> None:
    vault = {"properties": {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}}}
    made = {
        "group": azure.arm("GET", GROUP).json(),
        "vault": azure.arm("PUT", f"{providers}/Microsoft.KeyVault/vaults/kv-shapes", {**PLACE, **vault}).json(),
        "account": azure.arm("PUT", f"{providers}/Microsoft.Storage/storageAccounts/stshapes", _storage()).json(),
        "logs": azure.arm("PUT", f"{providers}/Microsoft.OperationalInsights/workspaces/log-shapes", PLACE).json(),
    }
    assert {name for name, one in made.items() if "systemData" in one} == {"vault"}
    assert {name: one["tags"] for name, one in made.items() if "tags" in one} == {"vault": {}, "account": {}}


def test_a_null_in_a_put_is_a_key_left_out(azure: RunningStandin, providers: str) -> None:
    path = f"{providers}/Microsoft.Storage/storageAccounts/stnulls"
    made = azure.arm("PUT", path, _storage(tags=None, zones=None, properties={"accessTier": None})).json()
    assert made["tags"] == {} and "zones" not in made
    assert made["properties"]["accessTier"] == "Hot"


def test_a_role_assignment_tells_what_it_has_not_and_is_shown_once_more_when_it_goes(
    azure: RunningStandin, providers: str
) -> None:
    path = f"{providers}/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    role = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    missing = azure.arm("GET", path, version="2022-04-01")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "RoleAssignmentNotFound")
    body = {"properties": {"principalId": DEPLOYER_OBJECT_ID, "roleDefinitionId": role}}
    made = azure.arm("PUT", path, body, version="2022-04-01").json()
    assert made["properties"]["condition"] is None and "systemData" not in made
    gone = azure.arm("DELETE", path, version="2022-04-01")
    assert (gone.status_code, gone.json()["id"]) == (200, path)
    assert azure.arm("DELETE", path, version="2022-04-01").status_code == 204
