"""Asks the probes of running containers as they are due.

In real time, not on the virtual clock: probes are about real processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

from standin.containers import engine, http_client
from standin.containers.docker_host import DockerHost
from standin.containers.group import layout
from standin.containers.group.live import Live
from standin.containers.group.spec import Container, Group, GroupNames
from standin.containers.probes import Probe, Track, passes
from standin.core.clock import Clock, iso
from standin.core.errors import ServiceError

_Kind = Literal["Liveness", "Readiness"]
_Key = tuple[str, str, _Kind]
"""(key of the group, container, kind of the probe)"""


class Prober:
    def __init__(self, docker: DockerHost, clock: Clock, unhealthy: Callable[[Group, Container], None]):
        """`unhealthy` is called for a container whose liveness probe has failed; it must not wait for the restart,
        since the probe's own task ends when the container does."""
        self._docker = docker
        self._clock = clock
        self._unhealthy = unhealthy
        self._probes: dict[_Key, tuple[str | None, asyncio.Task[None]]] = {}
        """When the probed process started, and the task that probes it."""

    def follow(self, group: Group, lives: Mapping[str, Live], *, stopped: bool) -> None:
        """One task per probe and run of a container; a container that started again is probed from the beginning."""
        due = {
            (group.key, container.name, kind): (container, probe)
            for container in group.containers
            if lives[container.name].running and not stopped
            for kind, probe in _probes(container)
        }
        for key, (started, _) in list(self._probes.items()):
            if key[0] == group.key and (key not in due or lives[key[1]].started != started):
                self._end(key)
        for key, (container, probe) in due.items():
            if key not in self._probes:
                live = lives[container.name]
                work = self._probe(group, container, key[2], probe, live)
                self._probes[key] = (live.started, asyncio.get_running_loop().create_task(work))

    def forget(self, group_key: str) -> None:
        for key in [key for key in self._probes if key[0] == group_key]:
            self._end(key)

    async def stop(self) -> None:
        tasks = [task for _, task in self._probes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, key: _Key) -> None:
        self._probes.pop(key)[1].cancel()

    async def _probe(self, group: Group, container: Container, kind: _Kind, probe: Probe, live: Live) -> None:
        track = Track(probe)
        await asyncio.sleep(probe.initial_delay_seconds)
        while True:
            failure = await self._failure(group.names, container.name, probe)
            if failure:
                live.note("Unhealthy", f"{kind} probe failed: {failure}", self._now(), warning=True)
            turned = track.feed(failure is None)
            if kind == "Readiness":
                live.ready = bool(track.healthy)
            elif turned == "down":
                message = f"Container {container.name} failed liveness probe, will be restarted"
                live.note("Killing", message, self._now())
                self._unhealthy(group, container)
                return
            await asyncio.sleep(probe.period_seconds)

    async def _failure(self, names: GroupNames, container: str, probe: Probe) -> str | None:
        """None when it passed, else why not."""
        try:
            async with asyncio.timeout(probe.timeout_seconds):
                if probe.command:
                    code = await engine.execute(self._docker, names.container(container), probe.command)
                    return None if code == 0 else f"{probe.what} exited with {code}"
                status = await self._status(names, probe)
                return None if passes(status) else f"{probe.what} answered {status}"
        except TimeoutError:
            return f"{probe.what}: no answer within {probe.timeout_seconds:g} s"
        except (OSError, ValueError, ServiceError) as problem:
            return f"{probe.what}: {problem}"

    async def _status(self, names: GroupNames, probe: Probe) -> int:
        """Redirects are not followed: below 400 is a pass, as for Kubernetes."""
        address = await layout.inner_address(self._docker, names)
        headers = {"User-Agent": "kube-probe/1.0", **dict(probe.headers)}
        return (await http_client.get(address, probe.port, probe.path, headers=headers)).status

    def _now(self) -> str:
        return iso(self._clock.now())


def _probes(container: Container) -> list[tuple[_Kind, Probe]]:
    both: list[tuple[_Kind, Probe | None]] = [("Liveness", container.liveness), ("Readiness", container.readiness)]
    return [(kind, probe) for kind, probe in both if probe is not None]
