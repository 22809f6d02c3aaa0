"""What a destroy would leave soft-deleted is named, unless a Purge in the state removes it for good."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "unpurged.py"
VAULT = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"
PARENT = "urn:pulumi:dev::edgeway::edgeway:infra:Vault"


def unpurged(*resources: dict[str, Any]) -> str:
    state = json.dumps({"deployment": {"resources": resources}})
    result = subprocess.run([sys.executable, str(SCRIPT)], input=state, capture_output=True, text=True, check=True)
    return result.stdout.strip()


def resource(kind: str, identifier: str) -> dict[str, Any]:
    return {"type": kind, "id": identifier, "inputs": {}, "urn": f"{PARENT}${kind}::vault"}


def purge(identifier: str) -> dict[str, Any]:
    return {"type": "mledge:azure:Purge", "id": "p", "inputs": {"resourceId": identifier}}


@pytest.mark.parametrize(
    "kind",
    [
        "azure-native:keyvault/v20250501:Vault",
        "azure-native:machinelearningservices/v20250901:Workspace",
        "azure-native:operationalinsights/v20250701:Workspace",
        "azure-native:keyvault:Vault",
    ],
)
def test_what_azure_soft_deletes_and_nothing_purges_is_named_after_the_purge_that_is_missing(kind: str) -> None:
    assert unpurged(resource(kind, VAULT)) == f"{PARENT}$mledge:azure:Purge::vault {VAULT}"


def test_a_purge_of_the_same_resource_settles_it_whatever_its_case() -> None:
    vault = resource("azure-native:keyvault/v20250501:Vault", VAULT)
    assert unpurged(vault, purge(VAULT.upper())) == ""
    assert unpurged(vault, purge(VAULT + "2")).endswith(f" {VAULT}")


def test_what_azure_deletes_at_once_is_not_named() -> None:
    assert unpurged(resource("azure-native:storage/v20250601:StorageAccount", VAULT)) == ""


def test_an_empty_state_has_nothing_to_name() -> None:
    assert unpurged() == ""
