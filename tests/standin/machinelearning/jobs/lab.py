"""A stand-in without a socket over a Docker engine in memory: a workspace with a compute, an environment and code."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standin.blob import Blobs
from standin.core.arm import Resource
from standin.core.profile import FAST, Profile
from standin.machinelearning.jobs.container import name_of
from standin.machinelearning.kinds.datastores import system_datastores
from standin.machinelearning.service import RegionService
from tests.standin.asking import ARM, GROUP, Answering, Asked
from tests.standin.containers.fake_docker import FakeDocker, docker_host
from tests.standin.running import newest_version
from tests.waiting import eventually

WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
REGION = "westeurope.api.azureml.ms"
ACCOUNT = "stlab"
IMAGE = "registry.example/train@sha256:1"
CODE = "https://stlab.blob.core.windows.net/code-1/src"
_NOW = "2026-01-01T00:00:00Z"


def command_job(command: str = "python train.py", **properties: Any) -> dict[str, Any]:
    return {
        "properties": {
            "jobType": "Command",
            "command": command,
            "codeId": f"{WORKSPACE}/codes/c/versions/1",
            "environmentId": f"{WORKSPACE}/environments/e/versions/1",
            "computeId": f"{WORKSPACE}/computes/cpu",
            **properties,
        }
    }


class Lab:
    def __init__(self, state: Path, profile: Profile = FAST) -> None:
        self.state = state
        self.profile = profile
        self.docker = FakeDocker()
        self.docker.present.add(IMAGE)
        self._open()
        self._furnish()

    def _open(self) -> None:
        self.answering = Answering(self.state, docker_host(self.docker), self.profile)
        self.base = self.answering.base
        self.base.docker.bridge_address = "172.17.0.1"
        self.blobs = Blobs(self.base.store, self.base.clock, self.state / "blob")
        (self.region,) = (part.service for part in self.answering.parts if isinstance(part.service, RegionService))

    async def begin(self) -> None:
        await self.region.start()

    async def restart(self) -> None:
        """As after kill -9: another process over the same state, while Docker goes on."""
        await self.region.stop()
        self.base.store.close()
        self._open()
        await self.begin()

    async def end(self) -> None:
        await self.region.stop()
        await self.base.docker.close()
        self.base.store.close()

    # -- what there is

    def _furnish(self) -> None:
        self.save(GROUP, "Microsoft.Resources/resourceGroups", {"location": "westeurope"})
        account = self.save(
            f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}",
            "Microsoft.Storage/storageAccounts",
            {"properties": {"allowSharedKeyAccess": False}, "location": "westeurope"},
        )
        workspace = self.save(
            WORKSPACE,
            "Microsoft.MachineLearningServices/workspaces",
            {
                "location": "westeurope",
                "identity": {"type": "SystemAssigned", "principalId": "workspace"},
                "properties": {"storageAccount": account.id, "systemDatastoresAuthMode": "Identity"},
            },
            workspaceId="9f3c",
        )
        for store in system_datastores(workspace, self.base.clock.now()):
            self.base.arm.save(store)
        scale = {"minNodeCount": 0, "maxNodeCount": 1, "nodeIdleTimeBeforeScaleDown": "PT2M"}
        self.put_below("computes/cpu", properties={"vmSize": "Standard_DS2_v2", "scaleSettings": scale})
        self.put_below("environments/e/versions/1", image=IMAGE)
        self.put_below("codes/c/versions/1", codeUri=CODE)
        (self.state / "blob").mkdir(exist_ok=True)

    def save(self, path: str, kind: str, body: dict[str, Any], **private: Any) -> Resource:
        name = path.rpartition("/")[2]
        made = Resource(
            id=path, type=kind, name=name, body=body, private=private, created_at=_NOW, changed_at=_NOW, generation=1
        )
        self.base.arm.save(made)
        return made

    def put_below(self, path: str, **properties: Any) -> Resource:
        kind = "/".join(["Microsoft.MachineLearningServices/workspaces", *path.split("/")[0::2]])
        return self.save(f"{WORKSPACE}/{path}", kind, {"properties": properties})

    async def upload(self, container: str, name: str, content: bytes) -> None:
        async def chunks() -> Any:
            yield content

        self.blobs.ensure_container(ACCOUNT, container)
        received = await self.blobs.receive(chunks())
        said: dict[str, Any] = {"headers": {}, "metadata": {}, "tags": {}}
        self.blobs.put(ACCOUNT, container, name, received=received, content_type="text/plain", **said)

    def blob(self, container: str, name: str) -> bytes:
        return self.blobs.file_of(self.blobs.get(ACCOUNT, container, name)).read_bytes()

    def grant(self, principal: str, role: str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe", created: str = _NOW) -> None:
        """Storage Blob Data Contributor, where nothing else is said."""
        document = {"principalId": principal, "scope": GROUP, "roleDefinitionId": role, "createdOn": created}
        self.base.store.put(self.base.roles.KIND, f"{GROUP}/assignments/{principal}", document)

    # -- asking

    async def arm(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
        whole = f"{WORKSPACE}/{path}"
        said = {"api-version": newest_version(whole), **query}
        asked = Asked(method=method, host=ARM, path=whole, audience=f"https://{ARM}", query=said)
        status, text, _ = await self.answering.answered(asked, body=body)
        return status, json.loads(text) if text else None

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str | None = None, **query: str
    ) -> tuple[int, Any]:
        """Of the region's host, below run history, data or MLflow of the workspace."""
        asked = Asked(method=method, host=REGION, path=path, audience=f"https://{ARM}", query=query)
        headers: Mapping[str, str] = {} if token is None else {"authorization": f"Bearer {token}"}
        status, text, _ = await self.answering.answered(asked, headers=headers, body=body)
        return status, json.loads(text) if text else None

    async def submit(self, name: str, body: dict[str, Any] | None = None) -> None:
        status, answer = await self.arm("PUT", f"jobs/{name}", body or command_job())
        assert status == 201, answer

    async def status(self, name: str) -> str:
        return str((await self.arm("GET", f"jobs/{name}"))[1]["properties"]["status"])

    async def until(self, name: str, status: str) -> None:
        record = f"{WORKSPACE}/jobs/{name}".lower()
        await eventually(
            lambda: (self.base.store.get("ml job", record) or {}).get("status") == status, what=f"{name} is {status}"
        )

    async def details(self, name: str) -> Any:
        _, told = await self.ask("GET", f"/history/v1.0{WORKSPACE}/runs/{name}/details", **{"api-version": "v1.0"})
        return told

    # -- the container of a job

    def container(self, name: str) -> str:
        return name_of(self.base.docker, self.base.arm.require(f"{WORKSPACE}/jobs/{name}"))

    def body(self, name: str) -> dict[str, Any]:
        return self.docker.bodies[self.container(name)]

    def environment(self, name: str) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in self.body(name)["Env"])

    def unpacked(self) -> dict[str, bytes]:
        """The files that were put into the last container, by their paths."""
        with tarfile.open(fileobj=io.BytesIO(self.docker.files["/"])) as tar:
            return {f"/{each.name}": tar.extractfile(each).read() for each in tar if each.isreg()}  # type: ignore[union-attr]


def tar_of(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("model/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return packed.getvalue()
