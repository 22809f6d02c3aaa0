"""From what a deployment serves to what it is to serve, without a gap: the new instances stand beside the old ones
until all of them are ready."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from standin.containers.errors import NotInEngine
from standin.core.arm import Arm, Resource
from standin.core.errors import ServiceError
from standin.core.store import Store
from standin.machinelearning.online.description import Limits, Replica
from standin.machinelearning.online.errors import OperationCanceled, ResourceNotReady
from standin.machinelearning.online.running.artifacts import Artifacts
from standin.machinelearning.online.running.images import DeploymentImages
from standin.machinelearning.online.running.replicas import Instance, Replicas, of_run
from standin.machinelearning.online.running.served import Served, serve, served_by

_LOGS = "ml online logs"
_KEPT_CHARACTERS = 256 * 1024
_POLL_S = 0.02
_MOST_RESTARTS = 3
"""After so many a container that is new is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    instances: int
    replica: Replica
    limits: Limits
    principal: str
    """Who pulls the image and reads the model: the endpoint's identity."""


class Rollout:
    def __init__(
        self, arm: Arm, store: Store, *, images: DeploymentImages, artifacts: Artifacts, replicas: Replicas
    ) -> None:
        self._arm = arm
        self._store = store
        self._images = images
        self._artifacts = artifacts
        self._replicas = replicas
        self._canceled: set[str] = set()
        """Keys of deployments that somebody wants deleted while they are made."""

    def cancel(self, deployment: Resource) -> None:
        """Ends a roll-out that waits for its instances: what deletes the deployment waits for that."""
        self._canceled.add(deployment.key)

    async def to(self, deployment: Resource, wanted: Wanted) -> None:
        """Raises DeploymentFailed; what was served is then served still."""
        self._canceled.discard(deployment.key)
        served = served_by(deployment)
        if served is None or served.replica != wanted.replica or self._is_broken(deployment, served):
            await self._replace(deployment, served, wanted)
        else:
            await self._scale(deployment, served, wanted)

    async def remove(self, deployment: Resource) -> None:
        served = served_by(deployment)
        for instance in of_run(deployment, served.run, range(served.instances)) if served else ():
            await self._replicas.remove(instance)
        self._store.delete(_LOGS, deployment.key)
        self._canceled.discard(deployment.key)

    async def logs(self, deployment: Resource, tail: int | None) -> str:
        """Of a failed roll-out its last words, else those of the first instance."""
        failed = self._store.get(_LOGS, deployment.key)
        served = served_by(deployment)
        if served is None or (failed and deployment.properties.get("provisioningState") == "Failed"):
            lines = str((failed or {}).get("text", "")).splitlines(keepends=True)
            return "".join(lines if tail is None else lines[max(0, len(lines) - tail) :])
        return await self._said(Instance(deployment.key, served.run, 0), tail)

    # -- the ways

    async def _replace(self, deployment: Resource, served: Served | None, wanted: Wanted) -> None:
        run = int(deployment.private.get("run", 0)) + 1
        deployment.private = {**deployment.private, "run": run}
        self._arm.save(deployment)
        await self._start(deployment, of_run(deployment, run, range(wanted.instances)), wanted)
        self._serve(deployment, run, wanted)
        if served is not None:
            await self._retire(of_run(deployment, served.run, range(served.instances)), served.limits)

    async def _scale(self, deployment: Resource, served: Served, wanted: Wanted) -> None:
        more = of_run(deployment, served.run, range(served.instances, wanted.instances))
        await self._start(deployment, more, wanted)
        self._serve(deployment, served.run, wanted)
        await self._retire(of_run(deployment, served.run, range(wanted.instances, served.instances)), served.limits)

    async def _start(self, deployment: Resource, instances: Sequence[Instance], wanted: Wanted) -> None:
        if not instances:
            return
        image = await self._images.fetch(wanted.replica.image, wanted.principal)
        model = wanted.replica.model
        files = await self._artifacts.of(model, wanted.principal) if model else {}
        try:
            for instance in instances:
                await self._replicas.start(instance, wanted.replica, image, files)
            await self._wait_until_ready(instances, wanted.replica)
        except ServiceError:
            text = await self._said(instances[0], None)
            self._store.put(_LOGS, deployment.key, {"text": text[-_KEPT_CHARACTERS:]})
            for instance in instances:
                await self._replicas.remove(instance)
            raise

    def _serve(self, deployment: Resource, run: int, wanted: Wanted) -> None:
        """From here on requests go to this."""
        serve(deployment, Served(run=run, instances=wanted.instances, replica=wanted.replica, limits=wanted.limits))
        self._arm.save(deployment)
        for instance in of_run(deployment, run, range(wanted.instances)):
            self._replicas.settled(instance)

    async def _retire(self, instances: Sequence[Instance], limits: Limits) -> None:
        """Once the requests that are under way are answered, or have had all of their time."""
        for instance in instances:
            await self._replicas.drained(instance, limits.timeout_s)
            await self._replicas.remove(instance)

    # -- small things

    async def _wait_until_ready(self, instances: Sequence[Instance], replica: Replica) -> None:
        """In real time, as probes are."""
        until = asyncio.get_running_loop().time() + replica.readiness.gives_up_after_s
        while not all(self._replicas.live(instance).ready for instance in instances):
            if instances[0].deployment in self._canceled:
                raise OperationCanceled
            late = asyncio.get_running_loop().time() > until
            for instance in instances:
                live = self._replicas.live(instance)
                if live.vanished or self._replicas.restarts(instance) >= _MOST_RESTARTS or (late and not live.ready):
                    raise ResourceNotReady(self._reason(instance))
            await asyncio.sleep(_POLL_S)

    def _reason(self, instance: Instance) -> str:
        live = self._replicas.live(instance)
        unhealthy = [event.message for event in live.events if event.name == "Unhealthy"]
        if live.previous is not None:
            return f"the container ended with exit code {live.previous.exit_code}."
        return f"{unhealthy[-1]}." if unhealthy else "the container does not run."

    def _is_broken(self, deployment: Resource, served: Served) -> bool:
        """Whether an instance was taken away behind our back."""
        instances = of_run(deployment, served.run, range(served.instances))
        return any(self._replicas.live(instance).vanished for instance in instances)

    async def _said(self, instance: Instance, tail: int | None) -> str:
        try:
            return await self._replicas.logs(instance, tail)
        except NotInEngine:
            return ""
