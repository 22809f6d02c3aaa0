"""One virtual device: power, the agent's loop, and what the cloud gets to hear of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from standin.containers import engine
from standin.containers.docker_host import DockerHost
from standin.containers.errors import EngineRefused
from standin.containers.images import BuildFailed
from standin.core.clock import Clock, iso
from standin.core.errors import ServiceError
from standin.core.faults import Faults
from standin.edgeruntime.agent import module_containers
from standin.edgeruntime.agent.deployment import Deployment, DeploymentError, EmptyDeployment, read_deployment
from standin.edgeruntime.agent.device_names import HUB_CONTAINER, DeviceNames
from standin.edgeruntime.agent.memory import Memory
from standin.edgeruntime.agent.methods import invoke
from standin.edgeruntime.agent.module_containers import STOP_SECONDS
from standin.edgeruntime.agent.plan import Observed
from standin.edgeruntime.agent.reconciler import Reconciler
from standin.edgeruntime.agent.report import Status, reported
from standin.edgeruntime.hub.domain.twins import merge
from standin.edgeruntime.iothub_port import EDGE_AGENT_MODULE, Hub, Subscription
from standin.edgeruntime.links.links import Links

HOST_TAG = "edgewayHost"
LOOK_AGAIN = timedelta(seconds=60)
AFTER_TROUBLE = timedelta(seconds=10)
NOT_RUNNING = Status(406, "Agent is not running")

log = logging.getLogger("standin.edge")


class VirtualDevice:
    def __init__(
        self,
        hub: Hub,
        names: DeviceNames,
        links: Links,
        *,
        memory: Memory,
        reconciler: Reconciler,
        docker: DockerHost,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self._hub = hub
        self.names = names
        self._links = links
        self._memory = memory
        self._reconciler = reconciler
        self._docker = docker
        self._clock = clock
        self._faults = faults
        memory.settle(slug=names.slug, powered_on=self._now())
        self._changed = asyncio.Event()
        self._turning = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def powered(self) -> bool:
        """One whose tags say that it has a machine of its own is off until that machine's daemon says otherwise."""
        known = self._memory.powered
        return known if known is not None else not self._hub.twin(self.names.device).tags.get(HOST_TAG)

    @property
    def reachable(self) -> bool:
        return not self._faults.is_cut(self.names.device)

    def describe(self) -> dict[str, Any]:
        return {
            "hub": self.names.host,
            "device": self.names.device,
            "power": "on" if self.powered else "off",
            "upstream": "on" if self.reachable else "cut",
            "connected": self._links.connected(self.names.host, self.names.device),
            "network": self.names.network,
            "address": self.names.address,
            "container": self.names.container(HUB_CONTAINER),
        }

    def start(self) -> None:
        if self.powered and not self._tasks:
            loop = asyncio.get_running_loop()
            events = self._hub.subscribe(self.names.device)
            self._tasks = [loop.create_task(self._live()), loop.create_task(self._listen(events))]

    def wake(self) -> None:
        self._changed.set()

    async def stop(self) -> None:
        """Of the agent only: the containers run on, and are found again."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def power(self, on: bool, *, orderly: bool = False) -> None:
        if on == self.powered:
            return
        if on:
            self._memory.set_power(True, powered_on=self._now())
            self.start()
            self.wake()  # one that waits for its machine has an agent that looks now and then
            return
        await self.stop()
        self._memory.set_power(False, powered_on="")
        await self._links.close(self.names.host, self.names.device)
        await self._end_containers(orderly=orderly)
        if self._exists():
            if orderly and self.reachable:
                await self._report(NOT_RUNNING)
            self._hub.connection(self.names.device, EDGE_AGENT_MODULE, False)

    async def modules(self) -> list[Observed]:
        """Its containers, by their names."""
        return [one for _, one in sorted((await self._reconciler.observe()).items())]

    async def remove(self) -> None:
        """The identity is gone, and with it everything on this machine."""
        await self.stop()
        await self._links.close(self.names.host, self.names.device)
        await remove_device(self._docker, self.names)
        self._memory.forget()

    async def _end_containers(self, *, orderly: bool) -> None:
        for module in (await self._reconciler.observe()).values():
            if module.state != "running":
                continue
            if orderly:
                await engine.stop(self._docker, module.id, timeout_seconds=STOP_SECONDS)
            else:
                await engine.kill(self._docker, module.id)

    # -- the agent

    async def _live(self) -> None:
        while True:
            self._changed.clear()
            if not self.powered:  # its tags came after it
                self._hub.connection(self.names.device, EDGE_AGENT_MODULE, False)
                await self._rest(None)
                continue
            self._hub.connection(self.names.device, EDGE_AGENT_MODULE, self.reachable)
            try:
                async with self._turning:
                    due = await self._turn()
            except (ServiceError, BuildFailed, OSError) as problem:
                log.warning("%s: %s", self.names.device, problem)
                due = await self._after(problem)
            except Exception as problem:  # whatever a manifest holds, the device lives on
                log.exception("%s: a turn of the agent ended", self.names.device)
                due = await self._after(problem)
            await self._rest(due)

    async def _after(self, problem: Exception) -> datetime:
        with contextlib.suppress(Exception):  # logged with the turn
            explanation = problem.explanation if isinstance(problem, EngineRefused) else None
            await self._report(Status(500, explanation or str(problem)))
        return self._clock.now() + AFTER_TROUBLE

    async def _listen(self, events: Subscription) -> None:
        try:
            while True:
                event = await events.get()
                if event[0] == "identity" or (event[0] == "desired" and event[1] == EDGE_AGENT_MODULE):
                    self.wake()
                elif event[0] == "method" and event[1] == EDGE_AGENT_MODULE and self.reachable:
                    await self._method(event[2])
        except EOFError:
            return
        finally:
            events.close()

    async def _method(self, invocation: Any) -> None:
        async def observe() -> Mapping[str, Observed]:
            return await self._reconciler.observe()

        try:
            status, payload = await invoke(
                invocation.name, invocation.payload, self.names, docker=self._docker, observe=observe
            )
        except Exception as problem:  # what ends one call ends no other
            log.exception("%s: the method %s ended", self.names.device, invocation.name)
            status, payload = 500, {"message": str(problem)}
        invocation.respond(status, payload)

    async def _turn(self) -> datetime | None:
        if self.reachable:
            desired = self._hub.twin(self.names.device, EDGE_AGENT_MODULE).desired
            if desired != self._memory.seen:
                self._reconciler.begin_again()
                self._memory.see(desired)
        status, deployment = self._deployment()
        due = None
        if deployment is not None:
            due = await self._reconciler.turn(deployment, reachable=self.reachable)
        failures = self._reconciler.failures
        if status.code == 200 and failures:
            status = Status(500, "; ".join(f"{name}: {text}" for name, text in sorted(failures.items())))
        await self._report(status)
        return due

    def _deployment(self) -> tuple[Status, Deployment | None]:
        """A deployment that is refused leaves the one before it in force, as edgeAgent does."""
        try:
            deployment = read_deployment(self._memory.seen)
        except DeploymentError as problem:
            if not isinstance(problem, EmptyDeployment):
                log.warning("%s: the deployment is refused: %s", self.names.device, problem)
            return Status(problem.code, str(problem)), self._in_force()
        self._memory.put_in_force(self._memory.seen)
        return Status(200), deployment

    def _in_force(self) -> Deployment | None:
        """None before the first, and where an older stand-in took what is refused now."""
        try:
            return read_deployment(self._memory.in_force)
        except DeploymentError:
            return None

    async def _report(self, status: Status) -> None:
        """Only what changed, and only while the cloud can be reached; else with the next turn that can."""
        if not self.reachable or not self._exists():
            return
        before = self._in_force()
        observed = await self._reconciler.observe() if before else {}
        document = reported(
            before,
            status=status,
            desired_version=int(self._memory.seen.get("$version", 0)),
            observed=observed,
            records=self._memory.records,
            failures=self._reconciler.failures,
            powered=self._memory.powered_on,
        )
        if status is NOT_RUNNING:
            document = _unknown(document)
        known = self._hub.twin(self.names.device, EDGE_AGENT_MODULE).reported
        patch = merge.difference({key: value for key, value in known.items() if not key.startswith("$")}, document)
        if patch:
            self._hub.report(self.names.device, EDGE_AGENT_MODULE, patch)

    async def _rest(self, due: datetime | None) -> None:
        latest = self._clock.now() + LOOK_AGAIN
        waiting = [
            asyncio.create_task(self._changed.wait()),
            asyncio.create_task(self._clock.wait_until(min(due, latest) if due else latest)),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def _exists(self) -> bool:
        return self._hub.identity(self.names.device, EDGE_AGENT_MODULE) is not None

    def _now(self) -> str:
        return iso(self._clock.now())


def _unknown(document: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for module in [*copy["systemModules"].values(), *copy["modules"].values()]:
        module["runtimeStatus"] = "unknown"
    return copy


async def remove_device(docker: DockerHost, names: DeviceNames) -> None:
    """What it had on this machine: containers, network, volume, files."""
    await module_containers.remove_all(docker, names.slug)
    await asyncio.to_thread(shutil.rmtree, names.folder, ignore_errors=True)
