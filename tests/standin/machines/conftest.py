"""A world with Docker in it, for machines that really boot."""

from __future__ import annotations

import os
from collections.abc import Iterator

import docker
import pytest

from tests.standin.machines.world import World, world

NO_VM = "EDGEWAY_NO_VM"


@pytest.fixture(scope="module")
def booting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Where systemd boots in no container tests fail with that reason, unless EDGEWAY_NO_VM=1 says that it is known."""
    if os.environ.get(NO_VM) == "1":
        pytest.skip(f"{NO_VM}=1")
    engine = docker.from_env()
    gateway = engine.networks.get("bridge").attrs["IPAM"]["Config"][0].get("Gateway") or "172.17.0.1"
    with world(tmp_path_factory.mktemp("machines"), gateway) as made:
        yield made
        label = f"edgeway.standin={made.standin.base.docker.instance}"
        for container in engine.containers.list(all=True, filters={"label": label}):
            container.remove(force=True, v=True)
    engine.close()
