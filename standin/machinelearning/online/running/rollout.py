"""From what a deployment serves to what it is to serve, without a gap.

On machines of Azure ML's own all new instances stand beside the old ones until they are ready. On Kubernetes they are
rolled: some are added, and as many old ones go once these are ready, so that both answer for a while.
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace as replace_fields

from standin.containers.errors import NotInEngine
from standin.core.arm import Arm, Resource
from standin.core.errors import ServiceError
from standin.core.store import Store
from standin.machinelearning.online.description import Limits, Replica
from standin.machinelearning.online.errors import CrashLoop, OperationCanceled, ResourceNotReady
from standin.machinelearning.online.names import DEPLOYMENTS
from standin.machinelearning.online.running.artifacts import Artifacts
from standin.machinelearning.online.running.images import DeploymentImages
from standin.machinelearning.online.running.replicas import Instance, Replicas, instances_of, of_run
from standin.machinelearning.online.running.served import Part, Served, serve, served_by

_LOGS = "ml online logs"
_KEPT_CHARACTERS = 256 * 1024
_POLL_S = 0.02
_SURGE = 0.25
_MOST_RESTARTS = 3
"""After so many a container that is new is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    instances: int
    replica: Replica
    limits: Limits
    reader: str
    """Who reads the model: the endpoint's identity."""
    puller: str
    """Who pulls the image: the same, or the nodes of a cluster."""
    on_kubernetes: bool = False


def surge_of(instances: int) -> int:
    """How many instances more than wanted there may be while they are rolled: Kubernetes' default, rounded up."""
    return math.ceil(instances * _SURGE)


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
        self._locks: dict[str, asyncio.Lock] = {}

    def cancel(self, deployment: Resource) -> None:
        """Ends a roll-out that waits for its instances: what deletes the deployment waits for that."""
        self._canceled.add(deployment.key)

    async def to(self, deployment: Resource, wanted: Wanted) -> None:
        """Raises DeploymentFailed; what was served is then served still."""
        self._canceled.discard(deployment.key)
        async with self._lock(deployment):
            await self._to(deployment, wanted)

    async def _to(self, deployment: Resource, wanted: Wanted) -> None:
        served = served_by(deployment)
        if wanted.on_kubernetes:
            await self._roll(deployment, served, wanted)
        elif served is None or served.replica != wanted.replica or self._is_broken(deployment, served):
            await self._replace(deployment, served, wanted)
        else:
            await self._scale(deployment, served, wanted)

    def is_another(self, deployment: Resource, wanted: Wanted) -> bool:
        """Whether what is served is replaced."""
        served = served_by(deployment)
        return served is not None and served.replica != wanted.replica

    async def remove(self, deployment: Resource) -> None:
        async with self._lock(deployment):
            served = served_by(deployment)
            for instance, _ in instances_of(deployment, served) if served else ():
                await self._replicas.remove(instance)
            self._store.delete(_LOGS, deployment.key)
            self._canceled.discard(deployment.key)
        self._locks.pop(deployment.key, None)

    async def mend(self, deployment_id: str) -> None:
        """Makes the replicas on Kubernetes anew that are gone, or ended for good. Raises DeploymentFailed."""
        deployment = self._arm.get(deployment_id)
        if deployment is None or self._lock(deployment).locked():  # whoever rolls it out sees to them
            return
        async with self._lock(deployment):
            served = served_by(deployment)
            for instance, replica in instances_of(deployment, served) if served else ():
                if served is not None and self._replicas.is_dead(instance):
                    await self._start(deployment, [instance], _of(served, replica))
                    self._replicas.settled(instance)

    def dead(self) -> list[str]:
        """Ids of deployments on Kubernetes of which a replica is."""
        served = [(deployment, served_by(deployment)) for deployment in self._arm.list(DEPLOYMENTS)]
        return [
            deployment.id
            for deployment, one in served
            if one is not None and one.on_kubernetes
            if any(self._replicas.is_dead(instance) for instance, _ in instances_of(deployment, one))
        ]

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
        run = self._next_run(deployment)
        await self._start(deployment, of_run(deployment, run, range(wanted.instances)), wanted)
        self._serve(deployment, Part(run=run, instances=wanted.instances, replica=wanted.replica), wanted)
        if served is not None:
            await self._retire(of_run(deployment, served.run, range(served.instances)), served.limits)

    async def _scale(self, deployment: Resource, served: Served, wanted: Wanted) -> None:
        more = of_run(deployment, served.run, range(served.instances, wanted.instances))
        await self._start(deployment, more, wanted)
        self._serve(deployment, Part(run=served.run, instances=wanted.instances, replica=wanted.replica), wanted)
        await self._retire(of_run(deployment, served.run, range(wanted.instances, served.instances)), served.limits)

    async def _roll(self, deployment: Resource, served: Served | None, wanted: Wanted) -> None:
        """Goes on where a kill or a failure ended it: what is there of the wanted run stays."""
        if served is not None and served.replica == wanted.replica:
            part, before = Part(run=served.run, instances=served.instances, replica=served.replica), served.before
        else:
            part = Part(run=self._next_run(deployment), instances=0, replica=wanted.replica)
            before = served.parts if served is not None else []
        surge = surge_of(wanted.instances)
        while True:
            more = min(surge, wanted.instances - part.instances) if before else wanted.instances - part.instances
            if more > 0:
                new = of_run(deployment, part.run, range(part.instances, part.instances + more))
                await self._start(deployment, new, wanted)
                part = replace_fields(part, instances=part.instances + more)
            old = _lessened([*before, part], wanted.instances)
            leaving = _difference(deployment, [*before, part], old)
            before, part = old[:-1], old[-1]
            before = [one for one in before if one.instances]
            self._serve(deployment, part, wanted, before)
            await self._retire(leaving, wanted.limits)
            if not before and part.instances == wanted.instances:
                return

    def _next_run(self, deployment: Resource) -> int:
        run = int(deployment.private.get("run", 0)) + 1
        deployment.private = {**deployment.private, "run": run}
        self._arm.save(deployment)
        return run

    async def _start(self, deployment: Resource, instances: Sequence[Instance], wanted: Wanted) -> None:
        if not instances:
            return
        image = await self._images.fetch(wanted.replica.image, wanted.puller, on_kubernetes=wanted.on_kubernetes)
        model = wanted.replica.model
        files = await self._artifacts.of(model, wanted.reader) if model else {}
        try:
            for instance in instances:
                await self._replicas.start(instance, wanted.replica, image, files)
            await self._wait_until_ready(instances, wanted)
        except ServiceError:
            text = await self._said(instances[0], None)
            self._store.put(_LOGS, deployment.key, {"text": text[-_KEPT_CHARACTERS:]})
            for instance in instances:
                await self._replicas.remove(instance)
            raise

    def _serve(self, deployment: Resource, part: Part, wanted: Wanted, before: Sequence[Part] = ()) -> None:
        """From here on requests go to this, and to what is left of earlier runs."""
        served = Served(
            run=part.run,
            instances=part.instances,
            replica=part.replica,
            before=list(before),
            limits=wanted.limits,
            on_kubernetes=wanted.on_kubernetes,
            puller=wanted.puller,
            reader=wanted.reader,
        )
        serve(deployment, served)
        self._arm.save(deployment)
        for instance in of_run(deployment, part.run, range(part.instances)):
            self._replicas.settled(instance)

    async def _retire(self, instances: Sequence[Instance], limits: Limits) -> None:
        """Once the requests that are under way are answered, or have had all of their time."""
        for instance in instances:
            await self._replicas.drained(instance, limits.timeout_s)
            await self._replicas.remove(instance)

    # -- small things

    def _lock(self, deployment: Resource) -> asyncio.Lock:
        return self._locks.setdefault(deployment.key, asyncio.Lock())

    async def _wait_until_ready(self, instances: Sequence[Instance], wanted: Wanted) -> None:
        """In real time, as probes are."""
        until = asyncio.get_running_loop().time() + wanted.replica.readiness.gives_up_after_s
        while not all(self._replicas.live(instance).ready for instance in instances):
            if instances[0].deployment in self._canceled:
                raise OperationCanceled
            late = asyncio.get_running_loop().time() > until
            for instance in instances:
                live = self._replicas.live(instance)
                if live.vanished or self._replicas.restarts(instance) >= _MOST_RESTARTS or (late and not live.ready):
                    failure = CrashLoop if wanted.on_kubernetes else ResourceNotReady
                    raise failure(self._reason(instance))
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


def _of(served: Served, replica: Replica) -> Wanted:
    return Wanted(
        instances=served.instances,
        replica=replica,
        limits=served.limits,
        reader=served.reader,
        puller=served.puller,
        on_kubernetes=served.on_kubernetes,
    )


def _lessened(parts: Sequence[Part], wanted: int) -> list[Part]:
    """As many as are wanted, the oldest gone first."""
    too_many = max(0, sum(part.instances for part in parts) - wanted)
    left = []
    for part in parts:
        less = min(too_many, part.instances)
        too_many -= less
        left.append(replace_fields(part, instances=part.instances - less))
    return left


def _difference(deployment: Resource, before: Sequence[Part], after: Sequence[Part]) -> list[Instance]:
    return [
        instance
        for old, new in zip(before, after, strict=True)
        for instance in of_run(deployment, old.run, range(new.instances, old.instances))
    ]
