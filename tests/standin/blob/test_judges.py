"""azure-storage-blob and azure-mgmt-storage, unmodified, against the storage account and its blobs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.identity import DefaultAzureCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import (
    BlobServiceClient,
    ContainerClient,
    ContainerSasPermissions,
    generate_container_sas,
)

from standin.blob.errors import AuthenticationFailed
from standin.blob.signatures import _moment
from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from tests.standin.running import wire

GROUP, ACCOUNT = "rg-blob", "stjudges"
URL = f"https://{ACCOUNT}.blob.core.windows.net"
ACCOUNT_BODY = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


@pytest.fixture(scope="module")
def storage(credential: DefaultAzureCredential) -> Iterator[StorageManagementClient]:
    with (
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as groups,
        StorageManagementClient(credential, SUBSCRIPTION_ID) as client,
    ):
        groups.resource_groups.create_or_update(GROUP, wire({"location": "westeurope"}))
        client.storage_accounts.begin_create(GROUP, ACCOUNT, wire(ACCOUNT_BODY)).result()
        yield client


@pytest.fixture(scope="module")
def key(storage: StorageManagementClient) -> str:
    keys = storage.storage_accounts.list_keys(GROUP, ACCOUNT).keys_property
    assert keys
    return str(keys[0].value)


@pytest.fixture
def container(key: str) -> Iterator[ContainerClient]:
    with BlobServiceClient(URL, credential=key) as service:
        client = service.create_container(f"c{uuid4().hex[:8]}")
        yield client
        client.delete_container()


def test_an_account_reads_back_its_endpoints_and_keeps_its_keys(storage: StorageManagementClient, key: str) -> None:
    account = storage.storage_accounts.get_properties(GROUP, ACCOUNT)
    assert account.primary_endpoints is not None
    assert account.primary_endpoints.blob == URL + "/"
    assert account.sku is not None
    assert (account.sku.name, account.provisioning_state) == ("Standard_LRS", "Succeeded")
    storage.storage_accounts.begin_create(GROUP, ACCOUNT, wire(ACCOUNT_BODY)).result()
    keys = storage.storage_accounts.list_keys(GROUP, ACCOUNT).keys_property
    assert keys is not None
    assert keys[0].value == key


def test_an_account_name_of_another_group_is_taken(
    storage: StorageManagementClient, credential: DefaultAzureCredential
) -> None:
    with ResourceManagementClient(credential, SUBSCRIPTION_ID) as groups:
        groups.resource_groups.create_or_update("rg-other", wire({"location": "westeurope"}))
    with pytest.raises(HttpResponseError, match="StorageAccountAlreadyTaken"):
        storage.storage_accounts.begin_create("rg-other", ACCOUNT, wire(ACCOUNT_BODY))


@pytest.mark.parametrize("before", [{"isHnsEnabled": False}, {}])
def test_hierarchical_namespace_cannot_be_switched_on_later(
    storage: StorageManagementClient, before: dict[str, bool]
) -> None:
    storage.storage_accounts.begin_create(GROUP, "sthns", wire({**ACCOUNT_BODY, "properties": before})).result()
    with pytest.raises(HttpResponseError, match="StorageAccountPropertyCannotBeUpdated"):
        storage.storage_accounts.begin_create(
            GROUP, "sthns", wire({**ACCOUNT_BODY, "properties": {"isHnsEnabled": True}})
        )


def test_a_blob_is_copied_within_its_account_with_what_was_said_of_it(container: ContainerClient) -> None:
    with container.get_blob_client("from/here ü") as source, container.get_blob_client("to/there") as target:
        source.upload_blob(b"0123", metadata={"kept": "yes"})
        assert target.start_copy_from_url(source.url, requires_sync=False)["copy_status"] == "success"
        assert target.download_blob().readall() == b"0123"
        assert target.get_blob_properties().metadata == {"kept": "yes"}
        with pytest.raises(ResourceNotFoundError):
            target.start_copy_from_url(f"{source.url}x")


def test_a_blob_comes_back_whole_in_part_and_with_its_metadata(container: ContainerClient) -> None:
    with container.get_blob_client("a/b c/ü.txt") as blob:
        blob.upload_blob(b"0123456789", metadata={"upload_status": "completed"})
        assert blob.download_blob().readall() == b"0123456789"
        assert blob.download_blob(offset=3, length=4).readall() == b"3456"
        assert blob.get_blob_properties().metadata == {"upload_status": "completed"}
        assert (created := blob.get_blob_properties().creation_time)
        blob.set_blob_metadata({"upload_status": "again"})
        assert blob.get_blob_properties().metadata == {"upload_status": "again"}
        assert blob.get_blob_properties().creation_time == created
        with pytest.raises(ResourceExistsError):
            blob.upload_blob(b"x")
        blob.upload_blob(b"", overwrite=True)
        assert blob.download_blob().readall() == b""
        blob.delete_blob()
        assert not blob.exists()


def test_a_large_blob_goes_up_and_down_in_blocks(key: str, container: ContainerClient) -> None:
    data = os.urandom(3 * 1024 * 1024 + 17)
    with ContainerClient(
        URL,
        container.container_name,
        credential=key,
        max_single_put_size=1024 * 1024,
        max_block_size=1024 * 1024,
        max_single_get_size=1024 * 1024,
        max_chunk_get_size=512 * 1024,
    ) as client:
        client.upload_blob("big", data)
        assert client.download_blob("big").readall() == data
        # with a hash of each request, of the list of blocks too: as azure-ai-ml uploads a large model
        client.upload_blob("checked", data, validate_content=True)
        assert client.download_blob("checked").readall() == data


def test_a_listing_folds_at_the_delimiter_and_pages(container: ContainerClient) -> None:
    for name in ("m/1/model.onnx", "m/1/card.json", "m/2/model.onnx", "other"):
        container.upload_blob(name, b"x")
    assert [found.name for found in container.walk_blobs("m/")] == ["m/1/", "m/2/"]
    pages = list(container.list_blobs(name_starts_with="m/", results_per_page=2).by_page())
    assert [[found.name for found in page] for page in pages] == [
        ["m/1/card.json", "m/1/model.onnx"],
        ["m/2/model.onnx"],
    ]


def test_a_wrong_key_is_refused(container: ContainerClient) -> None:
    with (
        ContainerClient(URL, container.container_name, credential="d3Jvbmc=") as client,
        pytest.raises(ClientAuthenticationError, match="AuthenticationFailed"),
    ):
        client.upload_blob("x", b"x")


def test_a_signature_reads_and_does_not_write(key: str, container: ContainerClient) -> None:
    container.upload_blob("x", b"x")
    for hours, permitted in ((1, True), (-1, False)):
        signature = generate_container_sas(
            ACCOUNT,
            container.container_name,
            account_key=key,
            permission=ContainerSasPermissions(read=True, list=True),
            expiry=datetime.now(UTC) + timedelta(hours=hours),
        )
        with ContainerClient(URL, container.container_name, credential=signature) as client:
            if not permitted:
                with pytest.raises(ClientAuthenticationError):
                    client.download_blob("x")
                continue
            assert client.download_blob("x").readall() == b"x"
            with pytest.raises(HttpResponseError) as refusal:
                client.upload_blob("y", b"y")
            assert refusal.value.status_code == 403


def test_a_signature_that_says_no_end_is_refused(key: str, container: ContainerClient) -> None:
    container.upload_blob("x", b"x")
    signature = generate_container_sas(ACCOUNT, container.container_name, account_key=key, policy_id="forever")
    with (
        ContainerClient(URL, container.container_name, credential=signature) as client,
        pytest.raises(ClientAuthenticationError),
    ):
        client.download_blob("x")


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "9" * 5000, "0001-01-01T00:00:00+23:59", "²", "2026-13-01", " "])
def test_a_time_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(AuthenticationFailed, match="is not an ISO 8601 time"):
        _moment(text)


def test_a_token_needs_a_data_role_even_of_the_owner(
    container: ContainerClient, credential: DefaultAzureCredential
) -> None:
    scope = (
        f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"
    )
    role = "/providers/Microsoft.Authorization/roleDefinitions/" + BUILT_IN_ROLES["Storage Blob Data Contributor"]
    with (
        ContainerClient(URL, container.container_name, credential=credential) as client,
        AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as access,
    ):
        with pytest.raises(HttpResponseError) as refusal:
            client.upload_blob("x", b"x")
        assert refusal.value.status_code == 403
        granted = access.role_assignments.create(
            scope,
            str(uuid4()),
            wire({"properties": {"roleDefinitionId": role, "principalId": DEPLOYER_OBJECT_ID}}),
        )
        client.upload_blob("x", b"by token")
        assert client.download_blob("x").readall() == b"by token"
        access.role_assignments.delete_by_id(str(granted.id))


def test_an_account_without_shared_keys_refuses_them(storage: StorageManagementClient) -> None:
    storage.storage_accounts.begin_create(
        GROUP, "stnokeys", wire({**ACCOUNT_BODY, "properties": {"allowSharedKeyAccess": False}})
    ).result()
    keys = storage.storage_accounts.list_keys(GROUP, "stnokeys").keys_property
    assert keys
    with (
        BlobServiceClient("https://stnokeys.blob.core.windows.net", credential=keys[0].value) as service,
        pytest.raises(HttpResponseError, match="KeyBasedAuthenticationNotPermitted"),
    ):
        service.create_container("x")
