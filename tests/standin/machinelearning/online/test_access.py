"""What the endpoint's identity needs: to pull the image, and to read the model's files."""

from __future__ import annotations

import asyncio
import io
import tarfile
from dataclasses import replace
from typing import Any

from standin.blob.state import Received
from standin.core.arm import Resource
from standin.core.auth import Roles
from standin.core.clock import iso
from standin.core.profile import FAST
from tests.standin.asking import GROUP
from tests.standin.machinelearning.online.asking import WORKSPACE, endpoint_body, path
from tests.standin.machinelearning.online.world import World

STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stx"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crx"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
SERVER = "127.0.0.1:5"


async def with_identity(world: World) -> str:
    """An endpoint `ep-own` with an identity of the user's; answers the identity's principal."""
    resource = Resource(id=IDENTITY, type="Microsoft.ManagedIdentity/userAssignedIdentities", name="id", body={})
    resource.body["properties"] = {"principalId": "00000000-0000-0000-0000-000000000001", "clientId": "c"}
    world.answering.base.arm.save(resource)
    identity = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    status, answer = await world.arm("PUT", path("ep-own"), {**endpoint_body(), "identity": identity})
    assert status == 201, answer
    return str(resource.properties["principalId"])


async def state_of(world: World, where: str, body: dict[str, Any]) -> str:
    status, answer = await world.arm("PUT", where, body)
    assert status in (200, 201), answer
    while True:
        state = (await world.arm("GET", where))[1]["properties"]["provisioningState"]
        if state in ("Succeeded", "Failed"):
            return str(state)
        await asyncio.sleep(0.01)


def grant(world: World, principal: str, scope: str, role: str) -> None:
    world.answering.base.roles.assign(f"{scope}/x/{role}", scope=scope, principal=principal, role=role)


def model_of_two_files(world: World) -> str:
    blobs = next(part for part in world.answering.parts if part.name == "blob").service._blobs  # type: ignore[union-attr]
    folder = world.state / "blob"
    folder.mkdir(exist_ok=True)
    blobs.ensure_container("stx", "models")
    for name, content in (("up/model/a.txt", b"A"), ("up/model/in/b.txt", b"B"), ("up/model2/c.txt", b"C")):
        (folder / name.replace("/", "-")).write_bytes(content)
        received = Received(name.replace("/", "-"), len(content))
        said: dict[str, Any] = {"headers": {}, "metadata": {}, "tags": {}, "content_type": "x"}
        blobs.put("stx", "models", name, received=received, **said)
    world.save("datastores/store", {"accountName": "stx", "containerName": "models"})
    world.save("models/m/versions/3", {"modelUri": "azureml://datastores/store/paths/up/model"})
    return f"{WORKSPACE}/models/m/versions/3"


async def test_a_model_is_mounted_where_azure_mounts_it_once_the_identity_may_read_it(world: World) -> None:
    principal = await with_identity(world)
    where = path("ep-own", "blue")
    body = world.body(model=model_of_two_files(world))
    assert await state_of(world, where, body) == "Failed"
    assert world.containers() == []
    grant(world, principal, STORAGE, "Storage Blob Data Reader")
    assert await state_of(world, where, body) == "Succeeded"
    (name,) = world.containers()
    mount = "/var/azureml-app/azureml-models/m/3"
    assert world.docker.bodies[name]["Env"] == [f"AZUREML_MODEL_DIR={mount}"]
    (mounted,) = world.docker.bodies[name]["HostConfig"]["Mounts"]
    assert (mounted["Target"], mounted["ReadOnly"]) == (mount, True)
    with tarfile.open(fileobj=io.BytesIO(world.docker.files["/volumes/model"])) as tar:
        assert {entry.name: entry.mode for entry in tar} == {"model/a.txt": 0o444, "model/in/b.txt": 0o444}


async def test_a_role_that_was_given_just_now_does_not_count_yet_on_a_bad_day(world: World) -> None:
    await world.kill()
    world.profile = replace(FAST, blob_role_propagation_s=45)
    await world.start()
    principal = await with_identity(world)
    base = world.answering.base
    document = {"principalId": principal, "scope": STORAGE, "roleDefinitionId": BLOB_READER}
    base.store.put(base.roles.KIND, "late", {**document, "createdOn": iso(base.clock.now())})
    where, body = path("ep-own", "blue"), world.body(model=model_of_two_files(world))
    assert await state_of(world, where, body) == "Failed"
    base.clock.advance(45)
    assert await state_of(world, where, body) == "Succeeded"


async def test_a_mount_path_of_the_user_s_is_obeyed(world: World) -> None:
    principal = await with_identity(world)
    grant(world, principal, STORAGE, "Storage Blob Data Reader")
    body = world.body(model=model_of_two_files(world), modelMountPath="/mine")
    assert await state_of(world, path("ep-own", "blue"), body) == "Succeeded"
    assert world.docker.bodies[world.containers()[0]]["Env"] == ["AZUREML_MODEL_DIR=/mine/m/3"]


async def test_the_registry_is_asked_with_the_identity_even_for_an_image_that_is_here(world: World) -> None:
    await with_identity(world)
    registry = Resource(id=REGISTRY, type="Microsoft.ContainerRegistry/registries", name="crx", body={})
    registry.properties["loginServer"] = SERVER
    registry.private = {"loginServer": SERVER, "port": 5}
    world.answering.base.arm.save(registry)
    (world.state / "registry").mkdir(exist_ok=True)
    image = f"{SERVER}/edgeway/x@sha256:0"
    world.docker.present.add(image)
    world.docker.denied.add(image)
    world.save("environments/own/versions/1", {"image": image, "inferenceConfig": world.models.routes()})
    where, body = path("ep-own", "blue"), world.body("own")
    assert await state_of(world, where, body) == "Failed"
    assert world.containers() == []
    world.docker.denied.clear()
    assert await state_of(world, where, body) == "Succeeded"


async def test_a_system_assigned_identity_gets_its_rights_by_itself_and_loses_them(world: World) -> None:
    workspace = world.answering.base.arm.require(WORKSPACE)
    workspace.properties["storageAccount"] = STORAGE
    world.answering.base.arm.save(workspace)
    status, made = await world.arm("PUT", path("ep-sys"), endpoint_body())
    assert status == 201
    roles: Roles = world.answering.base.roles
    principal = made["identity"]["principalId"]
    assert roles.allows(principal, STORAGE, ["Storage Blob Data Reader"])
    await world.arm("DELETE", path("ep-sys"))
    assert not roles.allows(principal, STORAGE, ["Storage Blob Data Reader"])
