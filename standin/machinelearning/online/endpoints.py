"""Online endpoints. https://learn.microsoft.com/rest/api/azureml/online-endpoints"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.errors import ServiceError
from standin.core.http import Request, Response, empty, json_response
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import CODES
from standin.machinelearning.kinds.ordering import ordered
from standin.machinelearning.online.clusters import Clusters
from standin.machinelearning.online.description import Wrong
from standin.machinelearning.online.errors import InvalidRequest
from standin.machinelearning.online.grants import Grants
from standin.machinelearning.online.hosts import Hosts
from standin.machinelearning.online.names import (
    DEPLOYMENTS,
    ENDPOINTS,
    KUBERNETES,
    RULE,
    host_of,
    is_kubernetes,
    is_name,
)
from standin.machinelearning.online.property_bag import kept_properties
from standin.machinelearning.online.running.rollout import Rollout
from standin.machinelearning.online.traffic import problem_of_mirror, problem_of_traffic

_KEY_LENGTH = 32
_ORDERS = {
    "CreatedAtDesc": "createdtime desc",
    "CreatedAtAsc": "createdtime asc",
    "UpdatedAtDesc": "modifiedtime desc",
    "UpdatedAtAsc": "modifiedtime asc",
}
_KEY_TYPES = {"primary": "primaryKey", "secondary": "secondaryKey"}


class OnlineEndpoint(ResourceKind):
    type = ENDPOINTS
    delete_operation = "async"
    create_only = ("kind", "properties.authMode", "properties.compute")
    patchable = ("tags", "identity")
    write_only = ("properties.keys",)
    keeps = (
        "identity",
        "kind",
        "sku",
        *(
            f"properties.{name}"
            for name in (
                "authMode", "compute", "description", "keys", "mirrorTraffic", "properties", "publicNetworkAccess",
                "traffic",
            )
        ),
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "kind": ("Managed", KUBERNETES),
        "properties.authMode": ("Key",),
        "properties.publicNetworkAccess": ("Enabled",),
    }
    long_actions = ("regenerateKeys",)
    unobeyed = CODES
    page, next_page = "count", "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {
        "LIST": obeys(query="$skip count name orderBy"),
        "regenerateKeys": obeys(fields="keyType keyValue"),
    }
    defaults: ClassVar[Mapping[str, Any]] = {"properties": {"publicNetworkAccess": "Enabled"}}

    def __init__(self, arm: Arm, hosts: Hosts, grants: Grants, rollout: Rollout, clusters: Clusters) -> None:
        self._arm = arm
        self._clusters = clusters
        self._rollout = rollout
        self._hosts = hosts
        self._grants = grants
        self.actions = {"listKeys": self._list_keys, "regenerateKeys": self._regenerate_keys}

    async def check(self, new: Resource, old: Resource | None) -> None:
        refusal = "CreateEndpoint" if old is None else "UpdateEndpoint"
        # azure-ai-ml says no kind: an endpoint with a compute is one on Kubernetes
        there = old.body.get("kind") if old else None
        new.body.setdefault("kind", there or (KUBERNETES if new.properties.get("compute") else "Managed"))
        if old is None:
            self._check_name(new)
        if "authMode" not in new.properties:
            raise InvalidRequest(refusal, "AuthMode", "The AuthMode field is required. Allowed here: Key.")
        if old is not None and (old.body.get("identity") or {}) != (new.body.get("identity") or {}):
            raise InvalidRequest(refusal, "Identity", "The identity of an endpoint cannot be changed after creation.")
        _take_keys(new, refusal)
        self._check_shares(new, refusal)
        try:
            self._check_place(new, old)
        except Wrong as problem:
            raise InvalidRequest(refusal, problem.field, problem.why) from problem

    def _check_place(self, new: Resource, old: Resource | None) -> None:
        compute = new.properties.get("compute")
        if not is_kubernetes(new):
            if compute is not None:
                raise Wrong("Compute", "A managed endpoint has no compute.")
            return
        if any((new.properties.get("mirrorTraffic") or {}).values()):
            raise Wrong("MirrorTraffic", "Mirrored traffic is not supported by Kubernetes online endpoints.")
        if old is None:
            self._clusters.cname(self._clusters.compute(compute))

    def _check_name(self, new: Resource) -> None:
        if not is_name(new.name):
            raise InvalidRequest("CreateEndpoint", "Name", f"The endpoint name '{new.name}' is not valid: {RULE}.")
        for other in self._arm.list(ENDPOINTS):
            if host_of(other.name, other.location) == host_of(new.name, new.location) and other.key != new.key:
                raise InvalidRequest(
                    "CreateEndpoint",
                    "Name",
                    f"The endpoint name '{new.name}' is already in use in region '{new.location}'.",
                )

    def _check_shares(self, new: Resource, refusal: str) -> None:
        """Who leaves a map out asks for an empty one: a PUT says how the endpoint is to be, whole."""
        deployments = [one.name for one in self._arm.list(DEPLOYMENTS, new.id)]
        traffic = new.properties.setdefault("traffic", {})
        problem = problem_of_traffic(traffic, deployments)
        if problem is not None:
            raise InvalidRequest(refusal, "Traffic", problem)
        problem = problem_of_mirror(new.properties.setdefault("mirrorTraffic", {}), traffic, deployments)
        if problem is not None:
            raise InvalidRequest(refusal, "MirrorTraffic", problem)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        for name in _KEY_TYPES.values():
            resource.private.setdefault("keys", {}).setdefault(name, _new_key())
        resource.properties["properties"] = kept_properties(resource, old)
        self._grants.give(resource)
        self._hosts.add(resource)

    def view(self, resource: Resource) -> dict[str, Any]:
        """On Kubernetes the name is that of the cluster's router, which an update of its extension changes."""
        base = f"https://{host_of(resource.name, resource.location)}"
        if is_kubernetes(resource):
            base = f"https://{self._clusters.cname_of(resource) or ''}/api/v1/endpoint/{resource.name}"
        uris = {"scoringUri": f"{base}/score", "swaggerUri": f"{base}/swagger.json"}
        return {**resource.body, "properties": {**resource.properties, **uris}}

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        for deployment in self._arm.list(DEPLOYMENTS, resource.id):
            self._rollout.cancel(deployment)

    async def remove(self, resource: Resource) -> None:
        self._hosts.drop(resource)
        self._grants.withdraw(resource)

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        found = [one for one in resources if query.get("name") in (None, one.name)]
        order = query.get("orderBy")
        return ordered(found, _ORDERS.get(order, order) if order else None)

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        name = path.rpartition(".")[2]
        return InvalidRequest(
            "UpdateEndpoint", name[0].upper() + name[1:], f"'{name}' cannot be changed from {old!r} to {new!r}."
        )

    async def _list_keys(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        return json_response(resource.private["keys"])

    async def _regenerate_keys(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        """Azure's own client sends the key that is there as the value, and users get another one: that is no wish."""
        body = request.json_object()
        name = _KEY_TYPES.get(str(body.get("keyType")).lower())
        if name is None:
            raise InvalidRequest("RegenerateKeys", "KeyType", f"{body.get('keyType')!r}; allowed: Primary, Secondary.")
        value = body.get("keyValue")
        if value is not None and (not isinstance(value, str) or not value):
            raise InvalidRequest("RegenerateKeys", "KeyValue", "The value of a key is a text.")
        wanted = None if value == resource.private["keys"][name] else value
        resource.private["keys"][name] = wanted or _new_key()
        self._arm.save(resource)
        return empty(200)


def _take_keys(new: Resource, refusal: str) -> None:
    """Keys that a body brings are kept where none is answered from."""
    given = new.properties.pop("keys", None)
    if given is None:
        return
    known = {name: value for name, value in given.items() if value} if isinstance(given, Mapping) else {}
    if not known or not all(isinstance(value, str) for value in known.values()):
        raise InvalidRequest(refusal, "Keys", "Keys are texts: primaryKey, secondaryKey.")
    new.private["keys"] = {**new.private.get("keys", {}), **known}


def _new_key() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_KEY_LENGTH))
