"""What three services are still given whole; see `app.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standin.containers.docker_host import DockerHost
from standin.core.addresses import Ports
from standin.core.arm import Arm
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.faults import Faults
from standin.core.profile import Profile
from standin.core.store import Store


@dataclass(slots=True, kw_only=True)
class World:
    state: Path
    store: Store
    clock: Clock
    profile: Profile
    authority: Authority
    ports: Ports
    docker: DockerHost
    faults: Faults
    arm: Arm
    registries: Any

    @property
    def instance(self) -> str:
        return self.docker.instance
