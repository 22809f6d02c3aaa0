"""azure-mgmt-keyvault, unmodified, against vaults and secrets; the data plane by plain HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from tests.standin.running import RunningStandin, wire
from tests.waiting import DEADLINE_S

GROUP = "rg-vault"


def vault_body(**properties: Any) -> dict[str, Any]:
    return {
        "location": "westeurope",
        "properties": {
            "tenantId": TENANT_ID,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "softDeleteRetentionInDays": 7,
            **properties,
        },
    }


@pytest.fixture(scope="module")
def vaults(credential: DefaultAzureCredential) -> Iterator[KeyVaultManagementClient]:
    with (
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as groups,
        KeyVaultManagementClient(credential, SUBSCRIPTION_ID) as client,
    ):
        groups.resource_groups.create_or_update(GROUP, wire({"location": "westeurope"}))
        yield client


def test_a_vault_reads_back_and_keeps_its_retention(vaults: KeyVaultManagementClient) -> None:
    made = vaults.vaults.begin_create_or_update(GROUP, "kv-read", wire(vault_body())).result()
    assert made.properties.vault_uri == "https://kv-read.vault.azure.net/"
    read = vaults.vaults.get(GROUP, "kv-read").properties
    assert (read.soft_delete_retention_in_days, read.enable_rbac_authorization) == (7, True)
    with pytest.raises(HttpResponseError, match="softDeleteRetentionInDays"):
        vaults.vaults.begin_create_or_update(GROUP, "kv-read", wire(vault_body(softDeleteRetentionInDays=8)))


@pytest.mark.parametrize("name", ["1kv", "kv--two", "kv", "kv-" + "x" * 30])
def test_a_bad_vault_name_is_refused(vaults: KeyVaultManagementClient, azure: RunningStandin, name: str) -> None:
    answer = azure.arm(
        "PUT",
        f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}/providers/Microsoft.KeyVault/vaults/{name}",
        vault_body(),
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VaultNameNotValid")


def test_a_deleted_vault_keeps_its_name_until_it_is_purged(vaults: KeyVaultManagementClient) -> None:
    vaults.vaults.begin_create_or_update(GROUP, "kv-gone", wire(vault_body())).result()
    vaults.vaults.delete(GROUP, "kv-gone")
    with pytest.raises(ResourceNotFoundError):
        vaults.vaults.get(GROUP, "kv-gone")
    assert "kv-gone" in [found.name for found in vaults.vaults.list_deleted()]
    with pytest.raises(HttpResponseError) as taken:
        vaults.vaults.begin_create_or_update(GROUP, "kv-gone", wire(vault_body()))
    assert (taken.value.status_code, taken.value.error and taken.value.error.code) == (409, "ConflictError")
    vaults.vaults.begin_purge_deleted("kv-gone", "westeurope").result()
    with pytest.raises(ResourceNotFoundError):
        vaults.vaults.get_deleted("kv-gone", "westeurope")
    vaults.vaults.begin_create_or_update(GROUP, "kv-gone", wire(vault_body())).result()


def test_a_deleted_vault_is_recovered_on_request_only_where_there_is_one(vaults: KeyVaultManagementClient) -> None:
    with pytest.raises(ResourceNotFoundError) as none:
        vaults.vaults.begin_create_or_update(GROUP, "kv-back", wire(vault_body(createMode="recover")))
    assert none.value.error is not None
    assert none.value.error.code == "SoftDeletedVaultDoesNotExist"
    vaults.vaults.begin_create_or_update(GROUP, "kv-back", wire(vault_body())).result()
    vaults.vaults.delete(GROUP, "kv-back")
    vaults.vaults.begin_create_or_update(GROUP, "kv-back", wire(vault_body(createMode="recover"))).result()
    assert "kv-back" not in [found.name for found in vaults.vaults.list_deleted()]


def test_retention_ends_on_the_virtual_clock(vaults: KeyVaultManagementClient, azure: RunningStandin) -> None:
    vaults.vaults.begin_create_or_update(GROUP, "kv-old", wire(vault_body())).result()
    vaults.vaults.delete(GROUP, "kv-old")
    azure.do(lambda base: base.clock.advance(7 * 24 * 3600))
    with KeyVaultManagementClient(DefaultAzureCredential(), SUBSCRIPTION_ID) as client:
        assert "kv-old" not in [found.name for found in client.vaults.list_deleted()]
    azure.do(lambda base: base.clock.reset())


def test_a_secret_is_written_through_arm_and_deleted_by_the_vault(
    vaults: KeyVaultManagementClient, credential: DefaultAzureCredential
) -> None:
    vaults.vaults.begin_create_or_update(GROUP, "kv-secrets", wire(vault_body())).result()
    made = vaults.secrets.create_or_update(
        GROUP, "kv-secrets", "connection", wire({"properties": {"value": "s3cret", "contentType": "text/plain"}})
    )
    assert made.properties.value is None
    assert made.properties.secret_uri == "https://kv-secrets.vault.azure.net/secrets/connection"
    url = made.properties.secret_uri
    assert _data(credential, "GET", url).json()["error"]["innererror"]["code"] == "ForbiddenByRbac"
    vault = vaults.vaults.get(GROUP, "kv-secrets")
    with AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as access:
        role = "/providers/Microsoft.Authorization/roleDefinitions/" + BUILT_IN_ROLES["Key Vault Secrets Officer"]
        access.role_assignments.create(
            str(vault.id),
            str(uuid4()),
            wire({"properties": {"roleDefinitionId": role, "principalId": DEPLOYER_OBJECT_ID}}),
        )
    assert _data(credential, "GET", url).json()["value"] == "s3cret"
    assert _data(credential, "DELETE", url).status_code == 200
    assert _data(credential, "GET", url).json()["error"]["code"] == "SecretNotFound"
    with pytest.raises(HttpResponseError, match="deleted but recoverable"):
        vaults.secrets.create_or_update(GROUP, "kv-secrets", "connection", wire({"properties": {"value": "x"}}))
    assert _data(credential, "DELETE", url.replace("/secrets/", "/deletedsecrets/")).status_code == 204
    vaults.secrets.create_or_update(GROUP, "kv-secrets", "connection", wire({"properties": {"value": "x"}}))


@pytest.mark.parametrize("versioned", [False, True])
def test_a_key_is_used_with_and_without_its_version_in_the_path(
    vaults: KeyVaultManagementClient, credential: DefaultAzureCredential, versioned: bool
) -> None:
    name = f"kv-keys{versioned:d}"
    vaults.vaults.begin_create_or_update(GROUP, name, wire(vault_body())).result()
    vault, url = vaults.vaults.get(GROUP, name), f"https://{name}.vault.azure.net/keys/pulumi"
    with AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as access:
        role = "/providers/Microsoft.Authorization/roleDefinitions/" + BUILT_IN_ROLES["Key Vault Crypto Officer"]
        wanted = wire({"properties": {"roleDefinitionId": role, "principalId": DEPLOYER_OBJECT_ID}})
        access.role_assignments.create(str(vault.id), str(uuid4()), wanted)
    made = _data(credential, "POST", f"{url}/create", {"kty": "RSA", "key_size": 2048}).json()
    version = "/" + made["key"]["kid"].rpartition("/")[2] if versioned else ""
    hidden = _data(credential, "POST", f"{url}{version}/encrypt", {"alg": "RSA-OAEP-256", "value": "c2VjcmV0"}).json()
    shown = {"alg": "RSA-OAEP-256", "value": hidden["value"]}
    assert _data(credential, "POST", f"{url}{version}/decrypt", shown).json()["value"] == "c2VjcmV0"
    assert _data(credential, "POST", f"{url}/none/decrypt", shown).json()["error"]["code"] == "KeyNotFound"


def test_the_vault_challenges_a_caller_without_token(vaults: KeyVaultManagementClient) -> None:
    answer = requests.get("https://kv-read.vault.azure.net/secrets?api-version=7.4", timeout=DEADLINE_S)
    assert answer.status_code == 401
    assert 'resource="https://vault.azure.net"' in answer.headers["WWW-Authenticate"]


def test_no_managed_hsm_was_ever_deleted(vaults: KeyVaultManagementClient, azure: RunningStandin) -> None:
    path = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.KeyVault/deletedManagedHSMs"
    assert azure.arm("GET", path).json() == {"value": []}


def _data(credential: DefaultAzureCredential, method: str, url: str, body: object = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {credential.get_token('https://vault.azure.net/.default').token}"}
    return requests.request(method, f"{url}?api-version=7.4", json=body, headers=headers, timeout=DEADLINE_S)


def test_a_purge_may_be_accepted_and_forgotten(vaults: KeyVaultManagementClient, azure: RunningStandin) -> None:
    vaults.vaults.begin_create_or_update(GROUP, "kv-forgotten", wire(vault_body())).result()
    vaults.vaults.delete(GROUP, "kv-forgotten")
    fault = {"host": "management.azure.com", "path": "kv-forgotten/purge", "method": "POST", "status": 202}
    requests.post(f"{azure.control}/faults", json=fault, timeout=DEADLINE_S).raise_for_status()
    vaults.vaults.begin_purge_deleted("kv-forgotten", "westeurope").result()
    assert vaults.vaults.get_deleted("kv-forgotten", "westeurope").name == "kv-forgotten"
    vaults.vaults.begin_purge_deleted("kv-forgotten", "westeurope").result()
    with pytest.raises(ResourceNotFoundError):
        vaults.vaults.get_deleted("kv-forgotten", "westeurope")
