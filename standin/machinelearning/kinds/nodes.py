"""What jobs ask for a node and give it back, and what a compute answers about its nodes.

    nodes = await Nodes.take(compute_id, job)     waits, as a queued job does; the job's own after a restart
    ...                                           runs on them
    Nodes.give_back(compute_id, job)              also of a job that still waits; as often as one likes

A cluster is in the store: what was handed out is handed out after a kill, and nobody but its job gives it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from standin.core.arm import Arm, Resource
from standin.core.clock import Clock
from standin.core.profile import Profile
from standin.core.store import Store
from standin.machinelearning.clusters.cluster import Cluster, Node, Scale
from standin.machinelearning.clusters.quotas import Clusters, Quotas
from standin.machinelearning.clusters.sizes import Size, size_named
from standin.machinelearning.errors import ComputeGone, CoreQuotaReached, TooFewNodes
from standin.machinelearning.kinds.durations import seconds

__all__ = ["Node", "Nodes"]

_POLL_S = 0.05


class Nodes:
    def __init__(self, arm: Arm, store: Store, clock: Clock, profile: Profile) -> None:
        self._arm = arm
        self._clusters = Clusters(store)
        self.quotas = Quotas(arm, self._clusters)
        self._clock = clock
        self._profile = profile

    async def take(self, compute_id: str, job: str, count: int = 1) -> Sequence[Node]:
        """Those of the job, once it has them: there is no deadline, as a queued job waits for days.

        `job` is its name, which is one of its workspace. ComputeGone where the compute is not there or is deleted
        meanwhile, TooFewNodes where it can never have as many.
        """
        compute = self._compute(compute_id)
        most = _most(compute)
        if count > most:
            raise TooFewNodes(compute.name, count, most)
        cluster = self.cluster(compute)
        cluster.ask(job, count)
        self._settle(compute, cluster)
        await self._clock.wait_until(lambda: bool(self.held(compute_id, job)), poll_seconds=_POLL_S)
        return self.held(compute_id, job)

    def held(self, compute_id: str, job: str) -> Sequence[Node]:
        """What the job has now; ComputeGone where its compute was deleted under it."""
        return self.cluster(self._compute(compute_id)).of(job)

    def give_back(self, compute_id: str, job: str) -> None:
        compute = self._arm.get(compute_id)
        if compute is None:
            return
        cluster = self.cluster(compute)
        cluster.give_back(job, self._clock.timestamp())
        self._settle(compute, cluster)

    # -- of a compute

    def cluster(self, compute: Resource) -> Cluster:
        """As it is by now."""
        return self._settle(compute, self._clusters.of(compute))

    def shortage(self, compute: Resource) -> CoreQuotaReached | None:
        """Why a cluster does not get the nodes that it wants."""
        size, cluster = _size(compute), self.cluster(compute)
        missing = cluster.wanted(self._scale(compute)) - cluster.target
        if size is None or missing <= 0:
            return None
        used = self.quotas.used(compute.location, size.family)
        return CoreQuotaReached(size.family.cores, used, missing * size.cores)

    def forget(self, compute: Resource) -> None:
        self._clusters.forget(compute)

    def _settle(self, compute: Resource, cluster: Cluster) -> Cluster:
        cluster.settle(self._scale(compute), self._clock.timestamp(), lambda: self._room(compute))
        if cluster != self._clusters.of(compute):
            self._clusters.save(compute, cluster)
        return cluster

    def _room(self, compute: Resource) -> int:
        size = _size(compute)
        return self.quotas.room(size, compute.location) if size else _most(compute)

    def _scale(self, compute: Resource) -> Scale:
        settings = _settings(compute)
        return Scale(
            least=int(settings.get("minNodeCount", 0)),
            most=_most(compute),
            idle_s=seconds(str(settings.get("nodeIdleTimeBeforeScaleDown", "PT120S"))),
            start_s=self._profile.node_start_s,
            leave_s=self._profile.node_leave_s,
        )

    def _compute(self, compute_id: str) -> Resource:
        compute = self._arm.get(compute_id)
        if compute is None or compute.properties.get("provisioningState") == "Deleting":
            raise ComputeGone(compute_id.rpartition("/")[2])
        return compute


def _size(compute: Resource) -> Size | None:
    return size_named((compute.properties.get("properties") or {}).get("vmSize"))


def _settings(compute: Resource) -> dict[str, Any]:
    settings: dict[str, Any] = (compute.properties.get("properties") or {}).get("scaleSettings") or {}
    return settings


def _most(compute: Resource) -> int:
    return int(_settings(compute).get("maxNodeCount", 0))
