"""Computes: clusters, and Kubernetes clusters that are attached. https://learn.microsoft.com/rest/api/azureml/compute

Only the scale settings, tags and description of a cluster can be changed. Azure is known to take another size and to
keep the old one (Azure/azure-rest-api-specs#18889); here that is refused, so that nobody takes it for done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource, ResourceKind, ids, paths
from standin.core.arm.errors import NotBuilt
from standin.core.arm.fields import object_at
from standin.core.clock import iso_of
from standin.core.errors import ServiceError
from standin.core.http import Request, Response, json_response
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.clusters.cluster import Node
from standin.machinelearning.clusters.quotas import COMPUTES
from standin.machinelearning.clusters.sizes import CLUSTER, SIZES, Size, size_named
from standin.machinelearning.errors import CODES, ComputeFixed, InvalidCompute, UnknownVmSize
from standin.machinelearning.kinds.attached import KUBERNETES, AttachedClusters, is_attached
from standin.machinelearning.kinds.durations import seconds
from standin.machinelearning.kinds.nodes import Nodes

_NAME = re.compile(r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9\-]{2,23}", re.ASCII)
_SSH, _SSH_PORT = "remoteLoginPortPublicAccess", 50000
_DEFAULTS: Mapping[str, Any] = {
    "osType": "Linux",
    "vmPriority": "Dedicated",
    "isolatedNetwork": False,
    "enableNodePublicIp": True,
    "remoteLoginPortPublicAccess": "NotSpecified",
}
_FIXED = ("osType", "vmPriority", "enableNodePublicIp", "isolatedNetwork")


class Compute(ResourceKind):
    type = COMPUTES
    tracked = False
    system_data = False
    operation = "async"
    delete_operation = "async"
    create_only = (
        "properties.computeType",
        "properties.disableLocalAuth",
        *(f"properties.properties.{name}" for name in _FIXED),
    )
    keeps = (
        "identity",
        *(
            f"properties.{name}"
            for name in ("computeLocation", "computeType", "description", "disableLocalAuth", "resourceId")
        ),
    )
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.computeType": (CLUSTER, KUBERNETES),
        "properties.properties.osType": ("Linux",),
        "properties.properties.vmPriority": ("Dedicated",),
        "properties.properties.isolatedNetwork": (False,),
        "properties.properties.enableNodePublicIp": (True,),
        "properties.properties.remoteLoginPortPublicAccess": ("Disabled", "Enabled", "NotSpecified"),
        "properties.properties.subnet": (),
        "properties.properties.userAccountCredentials": (),
        "properties.properties.virtualMachineImage": (),
        "properties.properties.propertyBag": (),
        "properties.properties.relayConnectionString": (),
        "properties.properties.serviceBusConnectionString": (),
        "properties.properties.extensionInstanceReleaseTrain": ("stable",),
        "properties.properties.vcName": (),
    }
    unobeyed = CODES
    next_page = "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {
        "LIST": obeys(query="$skip"),
        "DELETE": obeys(query="underlyingResourceAction"),
    }
    defaults: ClassVar[Mapping[str, Any]] = {"properties": {"disableLocalAuth": False}}

    def __init__(self, arm: Arm, nodes: Nodes, attached: AttachedClusters) -> None:
        self._arm = arm
        self._nodes = nodes
        self._attached = attached
        self.actions = {"listNodes": self._list_nodes}

    async def check(self, new: Resource, old: Resource | None) -> None:
        if is_attached(new):
            self._attached.check(new, old)
        else:
            self._check_cluster(new, old)
        self._settle_location(new, old)

    def _check_cluster(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise InvalidCompute(
                f"The compute name '{new.name}' is not valid: 3 to 24 letters, digits and '-', beginning with a letter "
                "and not ending in '-' and digits."
            )
        if new.properties.get("computeType") != CLUSTER:
            raise InvalidCompute(f"computeType is {new.properties.get('computeType')!r}; it must be '{CLUSTER}'.")
        if (cluster_id := new.properties.get("resourceId")) is not None:
            raise NotBuilt("properties.resourceId", cluster_id, self.type, ())
        new.properties["properties"] = paths.merge(_DEFAULTS, object_at(new.body, "properties.properties"))
        size = _size(new)
        least = _check_scale(new)
        self._nodes.quotas.check_cluster(size, least)
        _settle_ssh(new, old)
        if old is not None:
            _check_unchanged(new, old)

    def _settle_location(self, new: Resource, old: Resource | None) -> None:
        location = ids.location_name(new.location or self._arm.require(new.parent_id).location)
        said = str(new.properties.get("computeLocation") or location)
        if ids.location_name(said) != location:
            raise InvalidCompute(f"computeLocation is {said!r}, and location {location!r}: they must be the same.")
        if old is not None and old.location != location:
            raise ComputeFixed(new.name, "location", old.location, location)
        new.body["location"] = new.properties["computeLocation"] = location

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        action = query.get("underlyingResourceAction", "Detach" if is_attached(resource) else "Delete")
        if is_attached(resource):
            if action != "Detach":
                raise InvalidCompute(
                    f"underlyingResourceAction is {action!r}; an attached cluster is not Azure ML's to delete: Detach."
                )
            return
        if action != "Delete":
            raise InvalidCompute(
                f"underlyingResourceAction is {action!r}; of a cluster the stand-in has 'Delete' only: detached, it "
                "would still be there, and a new one of its name would be the old one."
            )

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        if is_attached(resource):
            self._attached.attach(resource)
        else:
            self._nodes.cluster(resource)

    async def remove(self, resource: Resource) -> None:
        self._nodes.forget(resource)

    def view(self, resource: Resource) -> dict[str, Any]:
        attached = is_attached(resource)
        properties = resource.properties
        return {
            **resource.body,
            "properties": {
                **properties,
                "createdOn": resource.created_at,
                "modifiedOn": resource.changed_at,
                "isAttachedCompute": attached,
                "provisioningErrors": None,
                "provisioningWarnings": None,
                "properties": {**(properties.get("properties") or {}), **({} if attached else self._live(resource))},
            },
        }

    def _live(self, resource: Resource) -> dict[str, Any]:
        cluster = self._nodes.cluster(resource)
        short = self._nodes.shortage(resource)
        resized = iso_of(cluster.resized_at) if cluster.resized_at else resource.created_at
        return {
            "allocationState": "Steady" if cluster.up == cluster.target else "Resizing",
            "allocationStateTransitionTime": resized,
            "errors": [{"error": {"code": short.code, "message": short.message}}] if short else None,
            "currentNodeCount": cluster.up,
            "targetNodeCount": cluster.target,
            "nodeStateCounts": {
                **{f"{state}NodeCount": cluster.count(state) for state in ("preparing", "running", "idle", "leaving")},
                "unusableNodeCount": 0,
                "preemptedNodeCount": 0,
            },
        }

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return ComputeFixed(resource.name, path.rsplit(".", 1)[-1], old, new)

    async def _list_nodes(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        nodes = () if is_attached(resource) else self._nodes.cluster(resource).nodes
        return json_response({"nodes": [_shown(node, place) for place, node in enumerate(nodes)]})


def _shown(node: Node, place: int) -> dict[str, Any]:
    run = {"runId": node.job} if node.job else {}
    address = {"privateIpAddress": node.address, "publicIpAddress": None, "port": _SSH_PORT + place}
    return {"nodeId": node.id, **address, "nodeState": node.state, **run}


def _size(new: Resource) -> Size:
    asked = object_at(new.body, "properties.properties").get("vmSize")
    size = size_named(asked)
    allowed = [one for one in SIZES if CLUSTER in one.types]
    if size is None or size not in allowed:
        raise UnknownVmSize(asked, [one.name.upper() for one in allowed])
    return size


def _check_scale(new: Resource) -> int:
    """The least number of nodes."""
    settings = object_at(new.body, "properties.properties.scaleSettings")
    least, most = settings.get("minNodeCount", 0), settings.get("maxNodeCount")
    for name, value in (("minNodeCount", least), ("maxNodeCount", most)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InvalidCompute(f"scaleSettings.{name} is {value!r}; it must be a whole number of 0 or more.")
    if least > most:
        raise InvalidCompute(f"scaleSettings.minNodeCount {least} is more than maxNodeCount {most}.")
    try:
        seconds(str(settings.get("nodeIdleTimeBeforeScaleDown", "PT120S")))
    except ValueError as problem:
        raise InvalidCompute(f"scaleSettings.nodeIdleTimeBeforeScaleDown: {problem}.") from problem
    return int(least)


def _settle_ssh(new: Resource, old: Resource | None) -> None:
    """Not specified is for the creation only; afterwards the port is open, as it is where there is no virtual network.

    https://learn.microsoft.com/rest/api/azureml/compute/get#remoteloginportpublicaccess
    """
    cluster = new.properties["properties"]
    if cluster[_SSH] == "NotSpecified":
        cluster[_SSH] = old.properties["properties"][_SSH] if old is not None else "Enabled"


def _check_unchanged(new: Resource, old: Resource) -> None:
    """What compares otherwise than letter by letter, or is settled first."""
    for name in ("vmSize", _SSH):
        before, after = (one.properties["properties"][name] for one in (old, new))
        if before.lower() != after.lower():
            raise ComputeFixed(new.name, name, before, after)
    before, after = (_identities(one) for one in (old, new))
    if after and before != after:
        raise ComputeFixed(new.name, "identity", ", ".join(before), ", ".join(after))


def _identities(resource: Resource) -> list[str]:
    block = resource.body.get("identity") or {}
    kind = str(block.get("type", "")).replace(" ", "").lower()
    return [kind, *sorted(name.lower() for name in block.get("userAssignedIdentities") or {})] if block else []
