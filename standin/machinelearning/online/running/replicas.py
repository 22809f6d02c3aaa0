"""The instances of deployments: a group of containers each, so that each has the port of its model to itself."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from standin.containers.docker_host import DockerHost
from standin.containers.errors import DockerAbsent
from standin.containers.group import layout
from standin.containers.group.groups import Groups
from standin.containers.group.live import Live
from standin.containers.group.spec import Container, Group, GroupNames, Mount, RestartPolicy, Volume
from standin.containers.images import Image
from standin.core.arm import Arm, Resource
from standin.core.clock import Clock
from standin.core.store import Store
from standin.machinelearning.clusters.sizes import SIZES, size_named
from standin.machinelearning.online.description import Replica
from standin.machinelearning.online.names import DEPLOYMENTS
from standin.machinelearning.online.running.served import Served, served_by
from standin.machinelearning.online.running.upstream import Upstream

log = logging.getLogger(__name__)

KIND = "online-deployment"
CONTAINER = "model"
_VOLUME = "model"
_CAPABILITIES = ("CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID")


@dataclass(frozen=True, slots=True)
class Instance:
    deployment: str
    """Key of the resource."""
    run: int
    number: int

    @property
    def key(self) -> str:
        return f"{self.deployment}#{self.run}#{self.number}"


def of_run(deployment: Resource, run: int, numbers: Sequence[int] | range) -> list[Instance]:
    return [Instance(deployment.key, run, number) for number in numbers]


def instances_of(deployment: Resource, served: Served) -> list[tuple[Instance, Replica]]:
    """All that answer, with what each runs; the oldest first."""
    return [
        (instance, part.replica)
        for part in served.parts
        for instance in of_run(deployment, part.run, range(part.instances))
    ]


class Replicas:
    def __init__(self, docker: DockerHost, store: Store, clock: Clock, arm: Arm, upstream: Upstream) -> None:
        self._docker = docker
        self._upstream = upstream
        self._arm = arm
        self._groups = Groups(docker, store, clock, kind=KIND, describe=self._described)
        self._starting: dict[str, Group] = {}
        self._addresses: dict[str, str] = {}
        self._busy: Counter[str] = Counter()
        self._answered = asyncio.Event()
        self._begun = asyncio.Lock()
        self._running = False

    async def begin(self) -> None:
        """Adopts what runs; without a deployment there is nothing to look for, and no engine is asked."""
        if self._arm.list(DEPLOYMENTS):
            try:
                await self._start()
            except DockerAbsent as problem:
                log.warning("online deployments: %s", problem.message)

    async def close(self) -> None:
        if self._running:
            await self._groups.stop()

    async def _start(self) -> None:
        async with self._begun:
            if not self._running:
                await self._groups.start(list(self._served()))
                self._running = True

    # -- making and taking away

    async def start(self, instance: Instance, replica: Replica, image: Image, files: Mapping[str, bytes]) -> None:
        await self._start()
        group = self._group(instance, replica, files)
        self._starting[instance.key] = group
        async with self._groups.lock(instance.key):
            await self._groups.roll_out(group, {CONTAINER: image}, afresh=True)
            await self._groups.look(group)

    def settled(self, instance: Instance) -> None:
        """It is served: the store says so from now on."""
        self._starting.pop(instance.key, None)

    async def remove(self, instance: Instance) -> None:
        self._starting.pop(instance.key, None)
        self.forget_address(instance)
        self._busy.pop(instance.key, None)
        await self._groups.remove(instance.key, self._names(instance))

    # -- what is told

    def live(self, instance: Instance) -> Live:
        return self._groups.live(instance.key, CONTAINER)

    def is_dead(self, instance: Instance) -> bool:
        """Whether it is gone, or ended and nobody starts it again."""
        if not self._running or instance.key in self._starting:
            return False
        inspected = self.live(instance).inspected
        return inspected is None or not (inspected["State"]["Running"] or inspected["State"].get("Restarting"))

    def restarts(self, instance: Instance) -> int:
        """Docker's own, and those for a failing probe."""
        return self._groups.restarts(instance.key).get(CONTAINER, 0) + self.live(instance).restarts

    def takes_requests(self, instance: Instance) -> bool:
        """Also before the first verdict of its probe: after a restart of the stand-in it serves as before."""
        live = self.live(instance)
        return live.running and live.ready is not False and instance.key not in self._starting

    async def address(self, instance: Instance) -> str:
        """Raises NotInEngine."""
        if instance.key not in self._addresses:
            self._addresses[instance.key] = await layout.inner_address(self._docker, self._names(instance))
        return self._addresses[instance.key]

    @contextmanager
    def asked(self, instance: Instance) -> Iterator[None]:
        """Around each request: an instance is not taken away while one is under way."""
        self._busy[instance.key] += 1
        try:
            yield
        finally:
            self._busy[instance.key] -= 1
            self._answered.set()

    async def drained(self, instance: Instance, within_s: float) -> None:
        """Returns once no request of it is under way, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._busy[instance.key]:
                    self._answered.clear()
                    await self._answered.wait()

    def busy(self, instance: Instance) -> int:
        return self._busy[instance.key]

    def forget_address(self, instance: Instance) -> None:
        """Another container may get it."""
        address = self._addresses.pop(instance.key, None)
        if address is not None:
            self._upstream.forget(address)

    async def logs(self, instance: Instance, tail: int | None) -> str:
        """Raises NotInEngine."""
        return await self._groups.logs(self._names(instance), CONTAINER, tail=tail, timestamps=False)

    # -- descriptions

    def _served(self) -> Iterator[Group]:
        for deployment in self._arm.list(DEPLOYMENTS):
            served = served_by(deployment)
            for instance, replica in instances_of(deployment, served) if served is not None else ():
                yield self._group(instance, replica, {})

    def _described(self, key: str) -> Group | None:
        if key in self._starting:
            return self._starting[key]
        resource_key, run, number = key.rsplit("#", 2)
        deployment = self._arm.get(resource_key)
        served: Served | None = served_by(deployment) if deployment else None
        for part in served.parts if served is not None else ():
            if part.run == int(run) and int(number) < part.instances:
                return self._group(Instance(resource_key, int(run), int(number)), part.replica, {})
        return None

    def _names(self, instance: Instance) -> GroupNames:
        *_, endpoint, _, deployment = instance.deployment.split("/")
        mark = hashlib.sha256(instance.deployment.encode()).hexdigest()[:6]
        name = f"{self._docker.prefix}oe-{endpoint}-{deployment}-{mark}-{instance.run}-{instance.number}"
        return GroupNames(kind=KIND, group=name)

    def _group(self, instance: Instance, replica: Replica, files: Mapping[str, bytes]) -> Group:
        """`files` are those of the model: on disk since the group was made, so needed only then."""
        mounted = replica.model_path is not None
        return Group(
            key=instance.key,
            names=self._names(instance),
            run=str(instance.run),
            address=None,
            ports=(),
            containers=(_container(replica),),
            volumes=(Volume(name=_VOLUME, files=files),) if mounted else (),
            restart_policy=RestartPolicy.ALWAYS,
            capabilities=_CAPABILITIES,
        )


def _container(replica: Replica) -> Container:
    size = size_named(replica.instance_type) or SIZES[0]
    path = replica.model_path
    return Container(
        name=CONTAINER,
        image=replica.image,
        command=(),
        environment=replica.variables,
        cpu=size.cores if replica.cpu is None else replica.cpu,
        memory_gb=size.memory_gb if replica.memory_gb is None else replica.memory_gb,
        mounts=(Mount(volume=_VOLUME, path=path, read_only=True),) if path else (),
        liveness=replica.liveness.probe(),
        readiness=replica.readiness.probe(),
    )
