"""A world with Docker in it, for machines that really boot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import docker
import pytest

from standin.machines import MachineSpec
from tests.standin.bridge import bridge_of
from tests.standin.machines.world import VAULT, World, world

NO_VM = "EDGEWAY_NO_VM"
VAULT_HOST, METADATA = f"{VAULT}.vault.azure.net", "169.254.169.254"


@pytest.fixture(scope="module")
def booting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Where systemd boots in no container tests fail with that reason, unless EDGEWAY_NO_VM=1 says that it is known."""
    if os.environ.get(NO_VM) == "1":
        pytest.skip(f"{NO_VM}=1")
    engine = docker.from_env()
    with world(tmp_path_factory.mktemp("machines"), bridge_of(engine)) as made:
        yield made
        label = f"edgeway.standin={made.standin.base.docker.instance}"
        for container in engine.containers.list(all=True, filters={"label": label}):
            container.remove(force=True, v=True)
    engine.close()


@dataclass
class Booted:
    world: World
    spec: MachineSpec

    def sh(self, script: str, **parameters: str) -> str:
        done = self.world.run(self.spec, script, **parameters)
        assert done.exit_code == 0, (script, done)
        return done.stdout


@pytest.fixture(scope="module")
def booted(booting: World) -> Iterator[Booted]:
    """The role comes while it boots, and the metadata service does not know the machine at first."""
    booting.fault(host=METADATA, status=404)
    booting.fault(host=VAULT_HOST, status=403)
    booting.grant()
    assert booting.device()["power"] == "off"
    made = Booted(booting, booting.boot())
    booting.until_on()
    made.sh("cloud-init status --wait")
    yield made
