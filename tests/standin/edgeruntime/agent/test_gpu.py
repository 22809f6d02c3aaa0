"""A module that asks for a GPU, on a device whose Docker has none to give: Docker's own words reach the twin."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from edge.manifest import Module
from tests.standin.edgeruntime.agent.virtual_device import MODULE_IMAGE, build_module_image, device_site, module
from tests.waiting import eventually

pytestmark = pytest.mark.docker


@pytest.mark.long
async def test_a_module_that_asks_for_a_gpu_is_not_started_where_docker_has_none(tmp_path: Path) -> None:
    client = docker.from_env()
    if "nvidia" in client.info().get("Runtimes", {}):
        pytest.skip("this machine's Docker gives GPUs")
    build_module_image(client)
    eye = Module(image=MODULE_IMAGE, gpu=True)
    older = Module(image=MODULE_IMAGE, create_options={"HostConfig": {"Runtime": "nvidia"}})
    async with device_site(tmp_path) as site:
        site.deploy(eye=module(settings=eye.content()["settings"]), older=module(settings=older.content()["settings"]))

        def told(name: str) -> str:
            return str(site.reported.get("modules", {}).get(name, {}).get("statusDescription", ""))

        await eventually(lambda: "could not select device driver" in told("eye"), what="Docker's words in the twin")
        await eventually(
            lambda: "runtime" in told("older") and "nvidia" in told("older"), what="its words of the other"
        )
        assert "running" not in (site.status_of("eye"), site.status_of("older"))
    client.images.remove(MODULE_IMAGE, force=True)
    client.close()
