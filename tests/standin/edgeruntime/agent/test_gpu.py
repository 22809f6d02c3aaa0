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
    options = Module(image=MODULE_IMAGE, gpu=True).content()["settings"]
    async with device_site(tmp_path) as site:
        site.deploy(eye=module(settings=options))

        def told() -> str:
            return str(site.reported.get("modules", {}).get("eye", {}).get("statusDescription", ""))

        await eventually(lambda: "could not select device driver" in told(), what="Docker's words in the twin")
        assert site.status_of("eye") != "running"
    client.images.remove(MODULE_IMAGE, force=True)
    client.close()
