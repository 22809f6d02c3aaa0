"""Follows the containers of all groups: Docker's events as they come, and the probes as they are due.

Probes and waits run in real time, not on the virtual clock: they are about real processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from standin.containerinstance.engine import CONTAINER_LABEL, GROUP_LABEL
from standin.containerinstance.live import Live
from standin.containerinstance.probes import Probe, Track, passes
from standin.containerinstance.spec import Group
from standin.containerinstance.state import Groups
from standin.containers.errors import DockerAbsent
from standin.containers.events import ContainerEvent
from standin.core.arm import Resource
from standin.core.clock import iso
from standin.core.errors import ServiceError

log = logging.getLogger(__name__)

_ACTIONS = ("start", "die", "oom", "destroy")


class Watch:
    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._probes: dict[tuple[str, str, str], tuple[str, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] = lambda: None
        groups.on_refresh = self._follow

    async def start(self) -> None:
        """Adopts what runs. Without an engine only groups are missing; the rest of the stand-in works."""
        try:
            await self._groups.sweep()
        except DockerAbsent as problem:
            log.warning("container groups: %s", problem.message)
            return
        events = self._groups.world.docker.events
        self._unsubscribe = await events.subscribe(self._heard, lambda: self._run(self._adopt_all()))
        await self._adopt_all()

    async def stop(self) -> None:
        self._unsubscribe()
        tasks = [*self._tasks, *(task for _, task in self._probes.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- events

    def _heard(self, event: ContainerEvent) -> None:
        name = event.labels.get(GROUP_LABEL)
        resource = next((each for each in self._groups.all() if self._groups.place(each).name == name), None)
        if resource is None or event.action not in _ACTIONS:
            return
        container = event.labels.get(CONTAINER_LABEL)
        if container and event.action == "die":
            self._died(self._groups.live(resource, container), event.exit_code)
        self._run(self._groups.refresh(resource))

    def _died(self, live: Live, code: int) -> None:
        started = (live.inspected or {}).get("State", {}).get("StartedAt")
        live.previous = {
            "state": "Terminated",
            "exitCode": code,
            "detailStatus": "Completed" if code == 0 else "Error",
            "finishTime": self._now(),
        } | ({"startTime": started} if started else {})

    async def _adopt_all(self) -> None:
        for resource in self._groups.all():
            if "run" not in resource.private:
                continue
            try:
                await self._groups.adopt(resource)
            except ServiceError as problem:
                log.error("container group %s: %s", resource.name, problem.message)

    # -- probes

    def _follow(self, resource: Resource, group: Group) -> None:
        """One task per probe and run of a container; a container that started again is probed from the beginning."""
        wanted: dict[tuple[str, str, str], tuple[str, Probe]] = {}
        for container in group.containers:
            inspected = self._groups.live(resource, container.name).inspected
            if inspected is None or not inspected["State"]["Running"] or self._groups.stopped(resource):
                continue
            started = str(inspected["State"]["StartedAt"])
            for kind, probe in (("Liveness", container.liveness), ("Readiness", container.readiness)):
                if probe is not None:
                    wanted[(resource.key, container.name, kind)] = (started, probe)
        for key, (started, task) in list(self._probes.items()):
            if key[0] == resource.key and wanted.get(key, ("",))[0] != started:
                task.cancel()
                del self._probes[key]
        for key, (started, probe) in wanted.items():
            if key not in self._probes:
                work = self._probe(resource, group.restart_policy, key[1], key[2], probe)
                self._probes[key] = (started, asyncio.get_running_loop().create_task(work))

    def forget(self, resource: Resource) -> None:
        for key in [key for key in self._probes if key[0] == resource.key]:
            self._probes.pop(key)[1].cancel()

    async def _probe(self, resource: Resource, restart_policy: str, container: str, kind: str, probe: Probe) -> None:
        track, live = Track(probe), self._groups.live(resource, container)
        await asyncio.sleep(probe.initial_delay_s)
        while True:
            failure = await self._try(resource, container, probe)
            if failure:
                live.note("Unhealthy", f"{kind} probe failed: {failure}", self._now(), warning=True)
            turned = track.feed(failure is None)
            if kind == "Readiness":
                live.ready = bool(track.healthy)
            elif turned == "down":
                live.note("Killing", f"Container {container} failed liveness probe, will be restarted", self._now())
                # Beside this task, which ends when the container does.
                self._run(self._kill(resource, restart_policy, container))
                return
            await asyncio.sleep(probe.period_s)

    async def _kill(self, resource: Resource, restart_policy: str, container: str) -> None:
        place, engine = self._groups.place(resource), self._groups.engine
        if restart_policy == "Never":
            await self._groups.world.docker.run(engine.end(place, container))
            return
        self._groups.count_restart(resource, container)
        await self._groups.world.docker.run(engine.restart(place, container))

    async def _try(self, resource: Resource, container: str, probe: Probe) -> str | None:
        """None when it passed, else why not."""
        try:
            async with asyncio.timeout(probe.timeout_s):
                if probe.command:
                    engine, place = self._groups.engine, self._groups.place(resource)
                    call = engine.execute(place, container, probe.command)
                    code = await self._groups.world.docker.run(call)
                    return None if code == 0 else f"{probe.what} exited with {code}"
                status = await _get(await self._groups.inner_address(resource), probe)
                return None if passes(status) else f"{probe.what} answered {status}"
        except TimeoutError:
            return f"{probe.what}: no answer within {probe.timeout_s:g} s"
        except (OSError, ValueError, ServiceError) as problem:
            return f"{probe.what}: {problem}"

    # -- small things

    def _run(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(_reported(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _now(self) -> str:
        return iso(self._groups.world.clock.now())


async def _reported(work: Any) -> None:
    try:
        await work
    except ServiceError as problem:
        log.warning("container groups: %s", problem)


async def _get(address: str, probe: Probe) -> int:
    """The status of a GET. Redirects are not followed: below 400 is a pass, as for Kubernetes."""
    reader, writer = await asyncio.open_connection(address, probe.port)
    try:
        headers = {"Host": f"{address}:{probe.port}", "User-Agent": "kube-probe/1.0", "Connection": "close"}
        lines = [f"{name}: {value}" for name, value in (headers | dict(probe.headers)).items()]
        writer.write("\r\n".join([f"GET {probe.path} HTTP/1.1", *lines, "", ""]).encode())
        words = (await reader.readline()).split()
        if len(words) < 2 or not words[0].startswith(b"HTTP/"):
            raise ValueError("the answer is not HTTP")
        return int(words[1])
    finally:
        writer.close()
