"""Machines in Docker: two containers each, found again by their names, whoever started them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from standin.containers import engine
from standin.containers.docker_host import DockerHost
from standin.containers.errors import DockerAbsent, EngineRefused, NotInEngine
from standin.containers.events import ContainerEvent
from standin.core.errors import ServiceError
from standin.core.serving.tasks import Tasks
from standin.machines.devices import Devices
from standin.machines.errors import MachineRefused, NoMachine
from standin.machines.machines import State
from standin.machines.records import Record, Records
from standin.machines.running import layout, seed
from standin.machines.running.commands import Commands
from standin.machines.running.doors import Doors
from standin.machines.running.image import DiskImage
from standin.machines.spec import MachineSpec, Ran

log = logging.getLogger("standin.machines")

_STANDS_SECONDS = 60.0
STOP_SECONDS = 30
"""For a guest to power itself off; then its power is cut, as Azure does after its own time."""


class DockerMachines:
    def __init__(
        self, docker: DockerHost, records: Records, doors: Doors, devices: Devices, image: DiskImage, ca: Path
    ) -> None:
        self._docker = docker
        self._records = records
        self._doors = doors
        self._devices = devices
        self._image = image
        self._ca = ca
        self._commands = Commands(docker)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks = Tasks()
        self._unsubscribe: Callable[[], None] = lambda: None

    # -- life of the stand-in

    async def begin(self) -> None:
        """Opens the doors of all machines; those that should run and do not, run again: their host was restarted."""
        if self._docker.bridge_address is None:
            return
        self._unsubscribe = await self._docker.events.subscribe(self._heard, lambda: None)
        for record in self._records.all():
            await self._doors.open(record.vm_id)
            if await self.state(record.vm_id) == "stopped":
                if record.wanted:
                    await self._boot(record.vm_id)
                else:
                    await self._release(record.vm_id, orderly=False)

    async def end(self) -> None:
        """Of the stand-in; the machines run on."""
        self._unsubscribe()
        await self._tasks.end()
        await self._doors.close_all()

    async def inventory(self) -> list[str]:
        return [record.resource_id for record in self._records.all()]

    # -- what is asked of machines

    async def create(self, spec: MachineSpec) -> None:
        if spec.gpus:
            raise MachineRefused(f"{spec.resource_id}: its size has {spec.gpus} GPU, and no machine here has one")
        cgroups = await self._cgroups(spec)
        body = layout.machine_body(self._docker, spec, "", cgroups)  # refused before anything is made
        image = await self._image.ensure()
        async with self._turns[spec.vm_id]:
            if await self._has_booted(spec.vm_id):
                return
            await self._remove_containers(spec.vm_id)
            self._records.begin(spec)
            await self._doors.open(spec.vm_id)
            around = layout.fabric_body(self._docker, spec, image, self._doors.folder(spec.vm_id))
            await engine.create(self._docker, layout.fabric_name(self._docker, spec.vm_id), around)
            name = layout.name(self._docker, spec.vm_id)
            await engine.create(self._docker, name, {**body, "Image": image}, start=False)
            files = seed.files(spec, await asyncio.to_thread(self._ca.read_bytes))
            await engine.put_files(self._docker, name, "/", seed.archive(files))
            await engine.start(self._docker, name)
            try:
                await self._stands(spec, name, cgroups)
            except MachineRefused:
                await self._forget(spec.vm_id)
                raise
        log.info("%s boots as %s", spec.resource_id, name)

    async def assign(self, vm_id: str, identities: tuple[str, ...]) -> None:
        self._records.put(replace(self._record(vm_id), identities=identities))

    async def start(self, vm_id: str) -> None:
        async with self._turns[vm_id]:
            self._records.put(replace(self._record(vm_id), wanted=True))
            if await self.state(vm_id) != "running":
                await self._boot(vm_id)

    async def stop(self, vm_id: str) -> None:
        async with self._turns[vm_id]:
            self._records.put(replace(self._record(vm_id), wanted=False))
            await self._power_off(vm_id)

    async def restart(self, vm_id: str) -> None:
        async with self._turns[vm_id]:
            self._records.put(replace(self._record(vm_id), wanted=True))
            await self._power_off(vm_id)
            await self._boot(vm_id)

    async def delete(self, vm_id: str) -> None:
        async with self._turns[vm_id]:
            await self._release(vm_id, orderly=False)
            await self._forget(vm_id)
        self._turns.pop(vm_id, None)

    async def run(self, vm_id: str, script: str, parameters: Mapping[str, str], seconds: float) -> Ran:
        self._record(vm_id)
        if await self.state(vm_id) != "running":
            raise NoMachine(f"the machine {vm_id} does not run")
        return await self._commands.run(layout.name(self._docker, vm_id), script, parameters, seconds)

    async def serial_log(self, vm_id: str) -> bytes:
        self._record(vm_id)
        return (await engine.logs(self._docker, layout.name(self._docker, vm_id), tail=None)).encode()

    async def state(self, vm_id: str) -> State:
        try:
            found = await engine.inspect(self._docker, layout.name(self._docker, vm_id))
        except (NotInEngine, DockerAbsent):
            return "gone"
        return "running" if found["State"]["Running"] else "stopped"

    # -- what a machine says of its device

    async def device_on(self, vm_id: str, hub: str, device: str, token: str) -> None:
        """Its daemon was let in. Raises what `Devices.power_on` does."""
        await self._devices.power_on(hub, device, token)
        self._records.put(replace(self._record(vm_id), device=(hub, device)))

    async def device_off(self, vm_id: str) -> None:
        """Its daemon ends in order."""
        await self._release(vm_id, orderly=True)

    # -- inside

    async def _cgroups(self, spec: MachineSpec) -> str:
        try:
            return str(await self._docker.run(lambda client: client.info().get("CgroupVersion", "1")))
        except DockerAbsent as absent:
            raise MachineRefused(f"{spec.resource_id}: a machine is a container: {absent.message}") from absent

    async def _stands(self, spec: MachineSpec, name: str, cgroups: str) -> None:
        """Until systemd is up: where it cannot be, its container ends at once. Raises MachineRefused with its words."""
        end = asyncio.get_running_loop().time() + _STANDS_SECONDS
        while asyncio.get_running_loop().time() < end:
            if await self.state(spec.vm_id) != "running":
                break
            with contextlib.suppress(EngineRefused):
                if await engine.execute(self._docker, name, ["test", "-S", "/run/systemd/private"]) == 0:
                    return
            await asyncio.sleep(0.1)
        said = " ".join((await engine.logs(self._docker, name, tail=5)).split())
        raise MachineRefused(
            f"{spec.resource_id}: systemd does not boot in a container of this engine (cgroups of version {cgroups}): "
            f"{said or 'it said nothing'}"
        )

    async def _boot(self, vm_id: str) -> None:
        await self._doors.open(vm_id)
        await engine.start(self._docker, layout.fabric_name(self._docker, vm_id))
        await engine.start(self._docker, layout.name(self._docker, vm_id))

    async def _power_off(self, vm_id: str) -> None:
        await engine.stop(self._docker, layout.name(self._docker, vm_id), timeout_seconds=STOP_SECONDS)
        await self._release(vm_id, orderly=False)

    async def _has_booted(self, vm_id: str) -> bool:
        """Once, whether it runs now or not: its disk is kept. One that a crash left half made has not."""
        try:
            found = await engine.inspect(self._docker, layout.name(self._docker, vm_id))
        except NotInEngine:
            return False
        return str(found["State"]["Status"]) != "created"

    async def _forget(self, vm_id: str) -> None:
        await self._remove_containers(vm_id)
        await self._doors.forget(vm_id)
        self._records.forget(vm_id)

    async def _remove_containers(self, vm_id: str) -> None:
        for name in (layout.name(self._docker, vm_id), layout.fabric_name(self._docker, vm_id)):
            with contextlib.suppress(DockerAbsent):
                await engine.remove(self._docker, name)

    async def _release(self, vm_id: str, *, orderly: bool) -> None:
        record = self._records.get(vm_id)
        if record is not None and record.device is not None:
            await self._devices.power_off(*record.device, orderly=orderly)
            self._records.put(replace(record, device=None))

    def _heard(self, event: ContainerEvent) -> None:
        """A machine that ends by itself takes its device's modules with it."""
        vm_id = event.labels.get(layout.LABEL, "")
        if event.action == "die" and event.labels.get("name") == layout.name(self._docker, vm_id):
            self._tasks.begin(self._ended(vm_id))

    async def _ended(self, vm_id: str) -> None:
        async with self._turns[vm_id]:
            try:
                if await self.state(vm_id) == "stopped":
                    await self._release(vm_id, orderly=False)
            except ServiceError as problem:
                log.warning("the machine %s ended: %s", vm_id, problem)

    def _record(self, vm_id: str) -> Record:
        record = self._records.get(vm_id)
        if record is None:
            raise NoMachine(f"there is no machine {vm_id}")
        return record
