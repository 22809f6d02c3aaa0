"""Makes a device's containers what its deployment says: one turn is look, plan, do."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from standin.containers import engine, images
from standin.containers.docker_host import DockerHost
from standin.containers.errors import EngineRefused
from standin.containers.images import BuildFailed
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.errors import ServiceError
from standin.edgeruntime.agent import hub_container, module_containers
from standin.edgeruntime.agent.deployment import Deployment, Module
from standin.edgeruntime.agent.device_names import HUB_CONTAINER, DeviceNames
from standin.edgeruntime.agent.memory import Memory
from standin.edgeruntime.agent.module_body import module_body
from standin.edgeruntime.agent.module_containers import FINGERPRINT_LABEL, STOP_SECONDS
from standin.edgeruntime.agent.plan import Action, Desired, Observed, Plan, Step, make_plan
from standin.edgeruntime.agent.restarts import HEALTHY_AFTER, Record, backoff
from standin.edgeruntime.iothub_port import EDGE_HUB_MODULE, MANAGED_BY, SYSTEM_MODULES, Hub

BEFORE_ALL = -1

log = logging.getLogger("standin.edge")


class StepFailed(Exception):
    """A step of the plan; the message is for the twin."""


@dataclass(slots=True)
class Failure:
    text: str
    count: int
    retry: datetime


class Reconciler:
    def __init__(
        self,
        hub: Hub,
        names: DeviceNames,
        *,
        docker: DockerHost,
        authority: Authority,
        clock: Clock,
        memory: Memory,
        cloud_port: int,
    ) -> None:
        self._hub = hub
        self._names = names
        self._docker = docker
        self._authority = authority
        self._clock = clock
        self._memory = memory
        self._cloud_port = cloud_port
        self._failures: dict[str, Failure] = {}

    @property
    def failures(self) -> dict[str, str]:
        return {name: failure.text for name, failure in self._failures.items()}

    def begin_again(self) -> None:
        """A new deployment: what failed before is tried at once."""
        self._failures.clear()

    async def observe(self) -> dict[str, Observed]:
        observed = await module_containers.observe(self._docker, self._names.slug, self._names.network)
        now = self._clock.now()
        for name, one in observed.items():
            self._memory.remember(name, _noted(self._memory.record(name), one, now))
        return observed

    async def turn(self, deployment: Deployment, *, reachable: bool) -> datetime | None:
        """Returns when to come again."""
        if reachable:
            self._settle_identities(deployment)
        bodies = await self._bodies(deployment)
        plan = await self._plan(deployment, bodies)
        for step in plan.steps:
            await self._try(step, deployment, bodies)
        later = [failure.retry for failure in self._failures.values()]
        if plan.steps:
            later.append(self._clock.now())
        return min([*later, *([plan.due] if plan.due else [])], default=None)

    async def _plan(self, deployment: Deployment, bodies: Mapping[str, dict[str, Any]]) -> Plan:
        observed = await self.observe()
        desired = {
            name: _desired(module, _fingerprint(bodies[name]) if name in bodies else observed[name].fingerprint)
            for name, module in _modules(deployment).items()
            if name in bodies or name in observed
        }
        now = self._clock.now()
        plan = make_plan(desired, observed, self._memory.records, now)
        ready = tuple(
            step for step in plan.steps if step.name not in self._failures or self._failures[step.name].retry <= now
        )
        return Plan(ready, plan.due)

    def _settle_identities(self, deployment: Deployment) -> None:
        """The agent makes identities that are missing, and takes away those of its own that are no longer wanted."""
        names, hub = self._names, self._hub
        for name in deployment.modules:
            hub.ensure_module(names.device, name, MANAGED_BY)
        wanted = {*deployment.modules, *SYSTEM_MODULES}
        for identity in hub.modules(names.device):
            if identity.module and identity.managed_by_edge and identity.module not in wanted:
                hub.remove_module(names.device, identity.module)

    async def _bodies(self, deployment: Deployment) -> dict[str, dict[str, Any]]:
        """What each container is to be; without an identity there is none yet."""
        bodies = {HUB_CONTAINER: await self._hub_body(deployment.hub)}
        for name, module in deployment.modules.items():
            identity = self._hub.identity(self._names.device, name)
            if identity is not None:
                labels = self._labels("module", name)
                bodies[name] = module_body(module, self._names, generation_id=identity.generation_id, labels=labels)
        return bodies

    async def _hub_body(self, module: Module) -> dict[str, Any]:
        names = self._names
        identity = self._hub.identity(names.device, EDGE_HUB_MODULE)
        hub_container.write_files(
            names, self._authority, key=identity.primary_key if identity else "", port=self._cloud_port
        )
        image = await hub_container.ensure_hub_image(self._docker)
        return hub_container.hub_body(
            names, image=image, env=module.env, labels=self._labels("edge-hub", HUB_CONTAINER)
        )

    def _labels(self, kind: str, module: str) -> dict[str, str]:
        return self._docker.labels(kind, device=self._names.device, place=self._names.slug, module=module)

    async def _try(self, step: Step, deployment: Deployment, bodies: Mapping[str, dict[str, Any]]) -> None:
        log.info("%s: %s %s", self._names.device, step.action.value, step.name)
        try:
            await self._do(step, deployment, bodies)
            self._failures.pop(step.name, None)
        except (StepFailed, EngineRefused, images.PullFailed, hub_container.NotReady) as problem:
            self._note(step, problem.explanation if isinstance(problem, EngineRefused) else str(problem))
        except (ServiceError, BuildFailed, OSError):
            raise  # the whole machine's, and tried again whole
        except Exception as problem:  # a module's own, such as an image's name that no client reads
            log.exception("%s: %s %s", self._names.device, step.action.value, step.name)
            self._note(step, f"{type(problem).__name__}: {problem}")

    def _note(self, step: Step, text: str) -> None:
        before = self._failures.get(step.name)
        count = before.count + 1 if before else 0
        self._failures[step.name] = Failure(text, count, self._clock.now() + backoff(count))
        log.warning("%s: %s %s failed: %s", self._names.device, step.action.value, step.name, text)

    async def _do(self, step: Step, deployment: Deployment, bodies: Mapping[str, dict[str, Any]]) -> None:
        observed, docker, record = await self.observe(), self._docker, self._memory.record(step.name)
        there = observed.get(step.name)
        if step.action is Action.CREATE:
            await self._create(deployment, step.name, bodies[step.name], observed)
        elif there is None:
            return
        elif step.action is Action.REMOVE:
            await engine.stop(docker, there.id, timeout_seconds=STOP_SECONDS)
            await engine.remove(docker, there.id)
            self._memory.forget_module(step.name)
        elif step.action is Action.STOP:
            self._memory.remember(step.name, replace(record, resting=True))
            await engine.stop(docker, there.id, timeout_seconds=STOP_SECONDS)
        else:
            if step.action is Action.START and step.name != HUB_CONTAINER:
                await self._hub_ready(step.name, observed)
            await engine.start(docker, there.id)
            if step.action is Action.RESTART:
                record = replace(record, restarts=record.restarts + 1, last_restart=self._clock.now())
            self._memory.remember(step.name, replace(record, resting=False))

    async def _create(
        self, deployment: Deployment, name: str, body: dict[str, Any], observed: Mapping[str, Observed]
    ) -> None:
        names, docker, module = self._names, self._docker, _modules(deployment)[name]
        labels = docker.labels("edge-device", device=names.device, place=names.slug)
        await engine.ensure_network(docker, names.network, labels)
        if name == HUB_CONTAINER:
            await engine.ensure_volume(docker, names.volume, labels)
        else:
            names.workload(name).mkdir(parents=True, exist_ok=True)
            if module.pull_policy == "on-create":
                await images.pull(docker, module.image, deployment.credentials_for(module.image))
            await self._hub_ready(name, observed)
        body = {**body, "Labels": {**body["Labels"], FINGERPRINT_LABEL: _fingerprint(body)}}
        if name in observed:
            await engine.stop(docker, observed[name].id, timeout_seconds=STOP_SECONDS)
            await engine.remove(docker, observed[name].id)
        await engine.create(docker, names.container(name), body, start=module.status == "running")
        self._memory.remember(name, Record())

    async def _hub_ready(self, module: str, observed: Mapping[str, Observed]) -> None:
        """A module that meets no hub ends at once; better it starts a little later."""
        hub = observed.get(HUB_CONTAINER)
        if hub is None or hub.state != "running":
            raise StepFailed("edgeHub does not run")
        await hub_container.wait_ready(hub.address, self._names.workload(module))


def _modules(deployment: Deployment) -> dict[str, Module]:
    return {HUB_CONTAINER: deployment.hub, **deployment.modules}


def _desired(module: Module, fingerprint: str) -> Desired:
    return Desired(
        name=module.name,
        fingerprint=fingerprint,
        running=module.status == "running",
        restart_policy=module.restart_policy,
        order=BEFORE_ALL if module.name == HUB_CONTAINER else module.startup_order,
    )


def _fingerprint(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]


def _noted(record: Record, observed: Observed, now: datetime) -> Record:
    """A new end is dated on the stand-in's clock; ten healthy minutes wipe the slate."""
    if observed.state in ("exited", "dead"):
        return record if observed.finished == record.ending else replace(record, ended=now, ending=observed.finished)
    healthy = observed.state == "running" and record.restarts
    if healthy and record.last_restart and now - record.last_restart >= HEALTHY_AFTER:
        return replace(record, restarts=0)
    return record
