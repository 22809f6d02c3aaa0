"""A whole virtual device in Docker, below a fake IoT Hub in this process."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standin.app import Standin
from standin.containers.docker_host import DockerHost
from standin.edgeruntime import DeviceFactory, Fleet, Links, part
from standin.edgeruntime.iothub_port import EDGE_AGENT_MODULE, EDGE_HUB_MODULE
from standin.foundation import lay_foundation
from tests.ports import free_port_base
from tests.standin.edgeruntime.fake_hub import FakeHub, FakeHubs
from tests.standin.edgeruntime.running_hub import hub_desired
from tests.waiting import DEADLINE_S, eventually

if TYPE_CHECKING:
    from docker import DockerClient

MODULE_IMAGE = f"edgeway-test-module:{uuid.uuid4().hex[:12]}"
"""Of this process: a suite that runs beside it must not remove it from under its devices."""


def module(image: str = MODULE_IMAGE, **changes: Any) -> dict[str, Any]:
    env = {name: {"value": value} for name, value in changes.pop("env", {}).items()}
    return {
        "type": "docker",
        "status": "running",
        "restartPolicy": "always",
        "imagePullPolicy": "never",
        "settings": {"image": image},
        "env": env,
        **changes,
    }


def agent_desired(**modules: dict[str, Any]) -> dict[str, Any]:
    system = {"type": "docker", "settings": {"image": "mcr.microsoft.com/azureiotedge-agent:1.6.1"}}
    hub = {**system, "settings": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.1"}}
    return {
        "schemaVersion": "1.1",
        "runtime": {"type": "docker", "settings": {"minDockerVersion": "v1.25"}},
        "systemModules": {"edgeAgent": system, "edgeHub": {**hub, "status": "running", "restartPolicy": "always"}},
        "modules": modules,
    }


class DeviceSite:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.device = f"edge-{uuid.uuid4().hex[:6]}"
        self.hub = FakeHub()
        self.hub.add_device(self.device)
        self._port_base = free_port_base()

    async def start(self) -> None:
        """Also again, on the same state: a stand-in that was restarted."""
        self.base = base = lay_foundation(self.root / "standin", port_base=self._port_base)
        hubs = FakeHubs(self.hub)
        self.links = Links(hubs, base.faults)
        factory = DeviceFactory(
            self.links,
            docker=base.docker,
            store=base.store,
            clock=base.clock,
            authority=base.authority,
            faults=base.faults,
            cloud_port=base.ports.tls,
            folder=base.state / "edge",
        )
        self.fleet = Fleet(hubs, factory, base.docker, base.faults)
        self.standin = Standin(base, [part(self.fleet, self.links, base.faults)])
        await self.standin.start()

    async def stop(self) -> None:
        await self.standin.stop()

    def deploy(self, **modules: dict[str, Any]) -> None:
        self.hub.desire(self.device, EDGE_HUB_MODULE, hub_desired())
        self.hub.desire(self.device, EDGE_AGENT_MODULE, agent_desired(**modules))

    @property
    def reported(self) -> dict[str, Any]:
        return self.hub.twin(self.device, EDGE_AGENT_MODULE).reported

    def status_of(self, name: str) -> str | None:
        one = self.reported.get("modules", {}).get(name) or self.reported.get("systemModules", {}).get(name) or {}
        status: str | None = one.get("runtimeStatus")
        return status

    async def settled(self, *names: str, status: str = "running", within_s: float = DEADLINE_S) -> None:
        def there() -> bool:
            twin, wanted = self.reported, self.hub.twin(self.device, EDGE_AGENT_MODULE).desired
            applied = twin.get("lastDesiredVersion") == wanted["$version"]
            return applied and all(self.status_of(name) == status for name in names)

        await eventually(there, within_s=within_s, what=f"{names} {status}")

    def container(self, name: str) -> str:
        return self.fleet.device(self.hub.host, self.device).names.container(name)

    async def docker(self, call: Any) -> Any:
        return await self.base.docker.run(call)

    async def id_of(self, name: str) -> str:
        return str(await self.docker(lambda client: client.containers.get(self.container(name)).id))

    async def kill(self, name: str) -> None:
        await self.docker(lambda client: client.containers.get(self.container(name)).kill())

    def numbers(self) -> list[int]:
        return [json.loads(body)["n"] for body in self.hub.bodies()]


@asynccontextmanager
async def device_site(root: Path) -> AsyncIterator[DeviceSite]:
    site = DeviceSite(root)
    await site.start()
    try:
        yield site
    finally:
        await print_logs(site.base.docker)
        site.hub.remove_device(site.device)
        fleet = site.fleet
        await eventually(lambda: not fleet.describe() and not fleet.busy)
        await site.docker(lambda client: remove_images(client, site.base.docker.prefix))
        await site.stop()


async def print_logs(docker: DockerHost) -> None:
    """pytest shows them where a test failed."""

    def print_all(client: DockerClient) -> None:
        labels = [f"edgeway.standin={docker.instance}"]
        for container in client.containers.list(all=True, filters={"label": labels}, ignore_removed=True):
            print(f"--- {container.name} {container.status}\n{container.logs(tail=25).decode()}")

    await docker.run(print_all)


def remove_images(client: DockerClient, prefix: str) -> None:
    for image in client.images.list(filters={"reference": f"{prefix}*"}):
        client.images.remove(image.tags[0], force=True)


def build_module_image(client: DockerClient) -> None:
    folder = Path(__file__).parent / "module_image"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(folder.iterdir()):
            if path.is_file():
                info = tarfile.TarInfo(path.name)
                info.size = path.stat().st_size
                tar.addfile(info, io.BytesIO(path.read_bytes()))
    archive.seek(0)
    client.images.build(
        fileobj=archive, custom_context=True, tag=MODULE_IMAGE, rm=True, labels={"edgeway.image": "test-module"}
    )


async def advance_until(site: DeviceSite, condition: Any, *, step_s: float, within_s: float) -> None:
    """Moves the virtual clock so that backoffs pass."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {within_s} s"
        site.base.clock.advance(step_s)
        await asyncio.sleep(0.1)
