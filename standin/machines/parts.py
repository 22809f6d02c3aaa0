"""Machines and what they see around them, composed."""

from __future__ import annotations

from pathlib import Path

from standin.containers.docker_host import DockerHost
from standin.core.arm import Arm
from standin.core.auth import TokenIssuer
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.part import Part
from standin.core.store import Store
from standin.machines.devices import Devices
from standin.machines.host import HostService
from standin.machines.metadata import MetadataService
from standin.machines.package_server import PackageServer
from standin.machines.packages.openpgp import SigningKey
from standin.machines.packages.repository import Repository
from standin.machines.records import Records
from standin.machines.running.docker_machines import DockerMachines
from standin.machines.running.doors import Doors
from standin.machines.running.image import DiskImage
from standin.machines.service import MachinesService


class MachinesAndSurroundings:
    """`machines` is what `Microsoft.Compute` asks; `parts` are the services."""

    def __init__(
        self,
        *,
        arm: Arm,
        store: Store,
        clock: Clock,
        issuer: TokenIssuer,
        docker: DockerHost,
        authority: Authority,
        devices: Devices,
        folder: Path,
    ) -> None:
        """Each machine has its doors below `folder`, where the key of the package lists lies, too."""
        records = Records(store)
        doors = Doors(folder, authority)
        key = SigningKey(folder / "packages.key")
        self.machines = DockerMachines(docker, records, doors, devices, DiskImage(docker), authority.ca_pem)
        self.parts = (
            Part(name="machines.metadata", service=MetadataService(records, arm, issuer, clock)),
            Part(name="machines.host", service=HostService(records, self.machines, devices)),
            Part(name="machines.packages", service=PackageServer(Repository(key))),
            Part(
                name="machines",
                service=MachinesService(self.machines),
                opens=doors.to,
                environment={"EDGEWAY_MACHINE_PACKAGES_KEY": key.fingerprint},
                inventories={"machines": self.machines.inventory},
            ),
        )
