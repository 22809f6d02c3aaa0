"""What endpoints on Kubernetes ask of the cluster that their compute is: its router, its puller, its instance types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.core.arm import Arm, Resource
from standin.cores.quota import taken_by
from standin.kubernetesconfiguration import Routers
from standin.machinelearning.clusters.quotas import COMPUTES
from standin.machinelearning.kinds.attached import is_attached
from standin.machinelearning.kinds.instance_types import DEFAULT, Amount, amount_of, with_default
from standin.machinelearning.online.description import Wrong
from standin.machinelearning.online.errors import Unschedulable
from standin.machinelearning.online.names import DEPLOYMENTS, is_kubernetes

_KEPT_CORES = 0.14
_LEFT_MEMORY = 0.75


@dataclass(frozen=True, slots=True)
class Pod:
    """What a replica asks of its node, and what it gets at the most."""

    requests: Amount
    limits: Amount


class Clusters:
    def __init__(self, arm: Arm, routers: Routers) -> None:
        self._arm = arm
        self._routers = routers
        self.hosts = routers.hosts

    def compute(self, asked: object) -> Resource:
        """Raises Wrong."""
        found = self._arm.get(asked) if isinstance(asked, str) else None
        if found is None or found.type.lower() != COMPUTES.lower() or not is_attached(found):
            raise Wrong("Compute", f"ComputeNotFound: Cannot find Kubernetes compute. compute is {asked!r}.")
        return found

    def cluster_id(self, compute: Resource) -> str:
        return str(compute.properties["resourceId"])

    def cname(self, compute: Resource) -> str:
        """Of the router. Raises Wrong where it is not there, or answers no HTTPS."""
        cname = self._routers.cname_of(self.cluster_id(compute))
        if cname is None:
            raise Wrong(
                "Compute",
                "ScoringFeUnhealthy: the cluster's router is not there, or has no TLS: the stand-in has endpoints over "
                "HTTPS only (sslCname, scoringFe.sslCert, scoringFe.sslKey of the extension).",
            )
        return cname

    def cname_of(self, endpoint: Resource) -> str | None:
        compute = self._arm.get(str(endpoint.properties.get("compute")))
        return self._routers.cname_of(self.cluster_id(compute)) if compute is not None else None

    def puller(self, compute: Resource) -> str:
        """The principal as which nodes pull images."""
        cluster = self._arm.get(self.cluster_id(compute))
        if cluster is None:
            raise Wrong("Compute", "ClusterNotFound: Cannot found Kubernetes cluster.")
        return str(cluster.properties["identityProfile"]["kubeletidentity"]["objectId"])

    def check_room(self, deployment: Resource, replicas: int) -> None:
        """Raises Unschedulable where the nodes cannot take as many, beside those of the other deployments."""
        cluster_id = self._cluster_of(deployment)
        cluster = self._arm.get(cluster_id)
        pods = self._pods(deployment, replicas)
        for other in self._arm.list(DEPLOYMENTS):
            if other.key != deployment.key and is_kubernetes(other) and self._cluster_of(other) == cluster_id:
                pods += self._pods(other, int((other.body.get("sku") or {}).get("capacity") or 0))
        pools = list(taken_by(cluster)) if cluster is not None else []
        for size, count in pools[:1]:
            # what kubelet and system keep: https://learn.microsoft.com/azure/aks/node-resource-reservations
            node = Amount(size.cores - _KEPT_CORES, size.memory_gb * _LEFT_MEMORY)
            if not _fit_together(node, count, pods):
                raise Unschedulable(f"0/{count} nodes are available: {count} Insufficient cpu or memory.")

    def _cluster_of(self, deployment: Resource) -> str:
        endpoint = self._arm.get(deployment.parent_id)
        compute = self._arm.get(str(endpoint.properties.get("compute"))) if endpoint is not None else None
        return self.cluster_id(compute).lower() if compute is not None else ""

    def _pods(self, deployment: Resource, count: int) -> list[Amount]:
        endpoint = self._arm.require(deployment.parent_id)
        compute = self.compute(endpoint.properties.get("compute"))
        return [self.pod(compute, deployment.properties).requests] * count

    def pod(self, compute: Resource, properties: Mapping[str, Any]) -> Pod:
        """https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types"""
        inner = compute.properties["properties"]
        types = with_default(inner.get("instanceTypes") or {})
        name = properties.get("instanceType") or inner.get("defaultInstanceType") or DEFAULT
        if name not in types:
            raise Wrong("InstanceType", f"The instance type {name!r} is none of the compute: {', '.join(types)}.")
        resources = types[name]["resources"]
        most = Pod(amount_of(resources["requests"]), amount_of(resources["limits"]))
        asked = properties.get("containerResourceRequirements")
        return _bounded(asked, most, str(name)) if asked else most


def _fit_together(node: Amount, nodes: int, pods: list[Amount]) -> bool:
    """The largest first, each onto the node with the most room."""
    left = [node] * nodes
    for pod in sorted(pods, key=lambda one: (one.cpu, one.memory_gb), reverse=True):
        left.sort(key=lambda one: one.cpu, reverse=True)
        place = next((number for number, one in enumerate(left) if pod.fits(one)), None)
        if place is None:
            return False
        left[place] = Amount(left[place].cpu - pod.cpu, left[place].memory_gb - pod.memory_gb)
    return True


def _bounded(asked: Mapping[str, Any], most: Pod, name: str) -> Pod:
    requests = _amount(asked, "containerResourceRequests", most.requests)
    limits = _amount(asked, "containerResourceLimits", most.limits)
    if not requests.fits(limits):
        raise Wrong("ContainerResourceRequirements", "Resource requests must be less than or equal to limits.")
    if not limits.fits(most.limits):
        raise Wrong(
            "ContainerResourceRequirements", f"Resource limits must not pass those of the instance type '{name}'."
        )
    return Pod(requests, limits)


def _amount(asked: Mapping[str, Any], part: str, default: Amount) -> Amount:
    given = asked.get(part)
    if not given:
        return default
    if given.get("gpu") not in (None, "0", ""):
        raise Wrong("ContainerResourceRequirements", "the stand-in's nodes have no GPUs.")
    try:
        return amount_of(given)
    except ValueError as problem:
        raise Wrong("ContainerResourceRequirements", f"{part}: {problem}.") from problem
