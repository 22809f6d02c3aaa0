"""Online deployments. https://learn.microsoft.com/rest/api/azureml/online-deployments"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec.structs import replace

from standin.core.arm import ActionHandler, Arm, Resource, ResourceKind
from standin.core.arm.lists import page_of
from standin.core.auth import SUBSCRIPTION_ID
from standin.core.errors import ServiceError
from standin.core.http import Request, Response, json_response
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.clusters.quotas import Quotas
from standin.machinelearning.clusters.sizes import ENDPOINT, SIZES, TOTAL_CORES, Size, reserved, size_named
from standin.machinelearning.errors import CODES
from standin.machinelearning.kinds.ordering import ordered
from standin.machinelearning.online.clusters import Clusters
from standin.machinelearning.online.description import Limits, Wrong, instances, limits_of, replica_of
from standin.machinelearning.online.errors import HasTraffic, InvalidRequest
from standin.machinelearning.online.names import (
    DEPLOYMENTS,
    KUBERNETES,
    RULE,
    are_names_on_kubernetes,
    is_kubernetes,
    is_name,
)
from standin.machinelearning.online.property_bag import kept_properties
from standin.machinelearning.online.running.rollout import Rollout, Wanted, surge_of

_WORKSPACES = "Microsoft.MachineLearningServices/workspaces"
_CONTAINERS = (None, "InferenceServer", "StorageInitializer", "ModelDataCollector")


class OnlineDeployment(ResourceKind):
    type = DEPLOYMENTS
    always_long = True
    delete_operation = "async"
    create_only = ("kind", "properties.endpointComputeType", "properties.instanceType")
    patchable = ("tags", "sku")
    keeps = (
        "kind",
        "sku",
        *(
            f"properties.{name}"
            for name in (
                "appInsightsEnabled", "containerResourceRequirements", "description", "endpointComputeType",
                "environmentId", "environmentVariables", "instanceType", "livenessProbe", "model", "modelMountPath",
                "properties", "readinessProbe", "requestSettings", "scaleSettings",
            )
        ),
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "kind": ("Managed", KUBERNETES),
        "sku.name": ("Default",),
        "properties.codeConfiguration": (),
        "properties.dataCollector": (),
        "properties.egressPublicNetworkAccess": ("Enabled",),
        "properties.endpointComputeType": ("Managed", KUBERNETES),
        "properties.scaleSettings.scaleType": ("Default",),
        "properties.startupProbe": (),
    }
    unobeyed = CODES
    next_page = "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {
        "LIST": obeys(query="$orderBy $top $skip"),
        "getLogs": obeys(fields="containerType tail"),
        "skus": obeys(query="count $skip"),
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "sku": {"name": "Default", "capacity": 1},
        "properties": {
            "appInsightsEnabled": False,
            "egressPublicNetworkAccess": "Enabled",
            "endpointComputeType": "Managed",
            "requestSettings": {"maxConcurrentRequestsPerInstance": 1, "requestTimeout": "PT5S"},
        },
    }

    def __init__(self, arm: Arm, quotas: Quotas, rollout: Rollout, clusters: Clusters) -> None:
        self._arm = arm
        self._clusters = clusters
        self._quotas = quotas
        self._rollout = rollout
        self.actions: Mapping[str, ActionHandler] = {"getLogs": self._logs, "GET skus": self._skus}

    async def check(self, new: Resource, old: Resource | None) -> None:
        operation = "CreateDeployment" if old is None else "UpdateDeployment"
        try:
            if old is None and not is_name(new.name):
                raise Wrong("Name", f"The deployment name '{new.name}' is not valid: {RULE}.")
            self._check_kind(new)
            self._wanted(new)
            if not is_kubernetes(new):
                self._check_quota(new)
        except Wrong as problem:
            raise InvalidRequest(operation, problem.field, problem.why) from problem

    def _check_kind(self, new: Resource) -> None:
        """That of the endpoint, said twice; a body that leaves `kind` out means that of its properties."""
        endpoint = self._arm.require(new.parent_id)
        kind = KUBERNETES if is_kubernetes(endpoint) else "Managed"
        said = new.properties["endpointComputeType"]
        new.body.setdefault("kind", said)
        if (said, new.body["kind"]) != (kind, kind):
            raise Wrong("EndpointComputeType", f"The endpoint '{endpoint.name}' is of the kind {kind}, not {said}.")
        if not is_kubernetes(new):
            if new.properties.get("containerResourceRequirements"):
                raise Wrong("ContainerResourceRequirements", "A managed deployment has those of its machine.")
            new.properties.setdefault("scaleSettings", {"scaleType": "Default"})
        elif "scaleSettings" not in new.properties:
            raise Wrong(
                "ScaleSettings",
                "Without scaleSettings Azure scales a deployment on Kubernetes by its load (TargetUtilization), which "
                'the stand-in does not: say {"scaleType": "Default"}.',
            )
        elif not are_names_on_kubernetes(endpoint.name, new.name):
            raise Wrong("Name", f"'{endpoint.name}' and '{new.name}' must have 6 to 62 characters together.")

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.properties["properties"] = kept_properties(resource, old)
        try:
            wanted = self._wanted(resource)
        except Wrong as problem:  # what it stands on was deleted since it was checked
            raise InvalidRequest("UpdateDeployment", problem.field, problem.why) from problem
        if wanted.on_kubernetes:
            rolled = old is not None and self._rollout.is_another(resource, wanted)
            self._clusters.check_room(resource, wanted.instances + (surge_of(wanted.instances) if rolled else 0))
        await self._rollout.to(resource, wanted)

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        endpoint = self._arm.get(resource.parent_id)
        share = (endpoint.properties.get("traffic") or {}).get(resource.name, 0) if endpoint else 0
        if share:
            raise HasTraffic(resource.name, share)
        self._rollout.cancel(resource)

    async def remove(self, resource: Resource) -> None:
        await self._rollout.remove(resource)
        endpoint = self._arm.get(resource.parent_id)
        if endpoint is None:
            return
        for name in ("traffic", "mirrorTraffic"):
            (endpoint.properties.get(name) or {}).pop(resource.name, None)
        self._arm.save(endpoint)

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        return ordered(resources, query["$orderBy"]) if "$orderBy" in query else resources

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        name = path.rpartition(".")[2]
        field = "VmSize" if name == "instanceType" else name[0].upper() + name[1:]
        why = f"'{name}' of a deployment cannot be changed from {old!r} to {new!r}. Create another deployment."
        return InvalidRequest("UpdateDeployment", field, why)

    # -- what is wanted

    def _wanted(self, resource: Resource) -> Wanted:
        """Raises Wrong."""
        if is_kubernetes(resource):
            return self._wanted_on_kubernetes(resource)
        principal = self._principal(resource)
        return self._described(resource, limits_of(resource.properties), puller=principal, reader=principal)

    def _wanted_on_kubernetes(self, resource: Resource) -> Wanted:
        compute = self._clusters.compute(self._arm.require(resource.parent_id).properties.get("compute"))
        self._clusters.cname(compute)
        wanted = self._described(
            resource,
            limits_of(resource.properties, on_kubernetes=True),
            puller=self._clusters.puller(compute),
            reader=self._principal(resource),
        )
        most = self._clusters.pod(compute, resource.properties).limits
        replica = replace(wanted.replica, cpu=most.cpu, memory_gb=most.memory_gb)
        return dataclasses.replace(wanted, replica=replica, on_kubernetes=True)

    def _described(self, resource: Resource, limits: Limits, *, puller: str, reader: str) -> Wanted:
        properties = resource.properties
        environment = self._asset(properties.get("environmentId"), "environments", "EnvironmentId")
        model = properties.get("model")
        if model is not None:
            model = self._asset(model, "models", "Model").id
        return Wanted(
            instances=instances(resource.body),
            replica=replica_of(properties, environment.properties, model),
            limits=limits,
            puller=puller,
            reader=reader,
        )

    def _asset(self, asset: object, kind: str, field: str) -> Resource:
        found = self._arm.get(str(asset)) if isinstance(asset, str) else None
        if found is None or found.type.lower() != f"{_WORKSPACES}/{kind}/versions".lower():
            raise Wrong(field, f"{asset!r} is no ARM id of a version of {kind} that is there.")
        return found

    def _principal(self, resource: Resource) -> str:
        endpoint = self._arm.require(resource.parent_id)
        identity = endpoint.body.get("identity") or {}
        assigned = identity.get("userAssignedIdentities") or {}
        return str(next(iter(assigned.values()))["principalId"] if assigned else identity.get("principalId", ""))

    def _check_quota(self, new: Resource) -> None:
        size = _size(new.properties.get("instanceType"))
        needed = size.cores * reserved(instances(new.body))
        used, limit = self._used(new, size)
        if used + needed > limit:
            raise Wrong(
                "VmSize",
                f"Not enough quota available for {size.name} in SubscriptionId {SUBSCRIPTION_ID}. Current usage/limit: "
                f"{used}/{limit}. Additional needed: {needed} Please see troubleshooting guide, available here: "
                "https://aka.ms/oe-tsg#error-outofquota",
            )

    def _used(self, deployment: Resource, size: Size) -> tuple[int, int]:
        """Cores that others use, and the limit: of the family, or of all where that is nearer."""
        there = self._arm.get(deployment.id)
        own = size.cores * reserved(int((there.body.get("sku") or {}).get("capacity") or 0)) if there else 0
        family = self._quotas.used(deployment.location, size.family) - own, size.family.cores
        whole = self._quotas.used(deployment.location) - own, TOTAL_CORES
        return min(family, whole, key=lambda pair: pair[1] - pair[0])

    # -- actions

    async def _logs(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        body = request.json_object() if request.body.strip() else {}
        container, tail = body.get("containerType"), body.get("tail")
        if container not in _CONTAINERS:
            raise InvalidRequest("GetLogs", "ContainerType", f"{container!r}; allowed: {', '.join(_CONTAINERS[1:])}.")
        if tail is not None and (isinstance(tail, bool) or not isinstance(tail, int) or tail < 0):
            raise InvalidRequest("GetLogs", "Tail", f"{tail!r} is no number of lines.")
        text = await self._rollout.logs(resource, tail) if container in _CONTAINERS[:2] else ""
        return json_response({"content": text})

    async def _skus(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        size = size_named(resource.properties.get("instanceType")) or SIZES[0]
        used, limit = self._used(resource, size)
        free = max(0, limit - used) // size.cores
        most = max((number for number in range(free + 1) if reserved(number) <= free), default=0)
        capacity = {"default": 1, "minimum": 1, "maximum": most, "scaleType": "Automatic"}
        sku = {"resourceType": DEPLOYMENTS, "sku": {"name": "Default"}, "capacity": capacity}
        return page_of(request, [sku], size="count", token=self.next_page)


def _size(name: object) -> Size:
    """Raises Wrong."""
    size = size_named(name)
    if size is None or ENDPOINT not in size.types:
        here = ", ".join(one.name for one in SIZES if ENDPOINT in one.types)
        raise Wrong("VmSize", f"The instance type {name!r} is not available for endpoints; here are: {here}.")
    return size
