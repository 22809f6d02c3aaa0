"""An online endpoint in ARM: what is there, its deployments, its traffic, its keys.

https://learn.microsoft.com/rest/api/azureml/online-endpoints and .../online-deployments
Keys are asked for where they are used and are kept nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloud.arm import ARM_LIMITS, Arm
from cloud.azureml.kubernetes_router import router_address
from cloud.azureml.online_endpoint import API_VERSION, EndpointInArm, traffic_of
from cloud.errors import ServiceError, is_missing
from cloud.operation import Operation
from cloud.retrying import RetryLimits
from contracts.card import Golden
from infra.provider.services.online.plan import Deployment, Seen, State, Wanted
from infra.provider.services.online.probes import Target, probe
from infra.provider.services.online.spec import MARK_TAG, DeploymentSpec
from pluginbase.resource import ProviderError

_POLL_SECONDS = 5.0
_LAST_LINES = 20
_ADDRESS_SECONDS = 300
_STATES = {
    "succeeded": State.READY,
    "failed": State.FAILED,
    "canceled": State.FAILED,
    "deleting": State.LEAVING,
}
_SETTLED = ("", "succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Router:
    """In front of all endpoints of a Kubernetes cluster."""

    cluster_id: str
    ca_pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gating:
    """What a new deployment is asked before it gets more of the traffic."""

    golden: Callable[[], Sequence[Golden]]
    """Asked for where it is needed: an artifact may have to be fetched first."""
    probes: int
    hold_seconds: int
    router: Router | None = None
    """None of a managed endpoint: it has a name of its own, and a certificate that everybody trusts."""


class OnlineEndpoint:
    """An endpoint by its resource id, for one operation. Raises ServiceError, or ProviderError with the logs."""

    def __init__(
        self,
        operation: Operation,
        endpoint_id: str,
        spec: DeploymentSpec | None = None,
        gating: Gating | None = None,
        limits: RetryLimits = ARM_LIMITS,
    ) -> None:
        self._operation = operation
        self._arm = Arm(operation, limits)
        self._id = endpoint_id
        self._endpoint = EndpointInArm(self._arm, endpoint_id)
        self._spec = spec
        self._gating = gating

    @property
    def name(self) -> str:
        return self._endpoint.name

    # -- what is there

    def body(self) -> dict[str, Any]:
        """Of the endpoint, once no change of it is under way."""
        while (state := _state(found := self._endpoint.body())) not in _SETTLED:
            if state == "deleting":
                raise ProviderError(f"endpoint {self.name} is being deleted")
            self._operation.status(f"endpoint {self.name}: {state}")
            self._operation.wait(_POLL_SECONDS)
        return found

    def deployments(self) -> dict[str, dict[str, Any]]:
        return self._endpoint.deployments()

    def look(self) -> Seen:
        return seen(self.body(), self.deployments())

    def last_lines(self, name: str) -> list[str]:
        try:
            return self._endpoint.logs(name, _LAST_LINES) or ["(none)"]
        except ServiceError as error:
            return [f"(they cannot be read: {error})"]

    # -- steps

    def make(self, wanted: Wanted) -> None:
        assert self._spec is not None
        self._operation.status(f"deployment {wanted.name}: {wanted.instances} x {self._spec.instance_type}")
        path, version = self._below(f"deployments/{wanted.name}")
        body = self._spec.body(wanted.instances, {MARK_TAG: wanted.mark})
        try:
            answer = self._arm.request("PUT", path, version, body=body)
            self._arm.follow(answer, f"deployment {wanted.name}")
            self.wait_for(wanted.name)
            if (state := _state(self._get(path, version))) != "succeeded":
                raise ServiceError(f"deployment {wanted.name}", 200, state, "")
        except ServiceError as error:
            told = f"deployment {wanted.name} did not come up: {error}\n{self._logs(wanted.name)}"
            raise ProviderError(told) from error

    def wait_for(self, name: str) -> None:
        """However it ends."""
        path, version = self._below(f"deployments/{name}")
        try:
            while (state := _state(self._get(path, version))) not in _SETTLED:
                self._operation.status(f"deployment {name}: {state}")
                self._operation.wait(_POLL_SECONDS)
        except ServiceError as error:
            if not is_missing(error):
                raise

    def remove(self, name: str) -> None:
        """A deployment that is being made is removed as soon as Azure takes the request."""
        self._operation.status(f"removing {name}")
        path, version = self._below(f"deployments/{name}")
        try:
            self._arm.follow(self._arm.request("DELETE", path, version), f"deletion of deployment {name}")
            while True:
                self._get(path, version)
                self._operation.wait(_POLL_SECONDS)
        except ServiceError as error:
            if not is_missing(error):
                raise

    def shift(self, traffic: Mapping[str, int]) -> None:
        """A PUT of what is there with other shares: left out of one, a property would be another."""
        told = ", ".join(f"{name} {part} %" for name, part in sorted(traffic.items())) or "nobody"
        self._operation.status(f"traffic of {self.name}: {told}")
        self._endpoint.shift(self.body(), traffic)

    def gate(self, name: str, share: int, *, hold: bool) -> None:
        assert self._gating is not None
        gating = self._gating
        target = Target(
            url=str((self.body().get("properties") or {}).get("scoringUri", "")),
            key=self._endpoint.key(),
            deployment=name,
            address=self.address() if gating.router else None,
            ca_pem=gating.router.ca_pem if gating.router else None,
        )
        what = f"{name} with {share} % of the traffic of {self.name}" if share else f"{name}, before its first traffic"
        try:
            probe(self._operation, target, gating.golden(), gating.probes, gating.hold_seconds if hold else 0, what)
        except ProviderError as error:
            raise ProviderError(f"{error}\n{self._logs(name)}") from error

    def address(self) -> str:
        """Of the router, once it has one; empty where the endpoint's name is enough."""
        router = self._gating.router if self._gating else None
        if router is None:
            return ""
        deadline = time.monotonic() + _ADDRESS_SECONDS
        while not (found := router_address(self._arm, router.cluster_id)):
            if time.monotonic() > deadline:
                cluster = router.cluster_id.rpartition("/")[2]
                raise ProviderError(
                    f"Azure ML's router in the cluster {cluster} has no address after {_ADDRESS_SECONDS} s: "
                    f"`az aks get-credentials -n {cluster}`, then `kubectl -n azureml describe service azureml-fe` "
                    "says why"
                )
            self._operation.status("waiting for the address of Azure ML's router in the cluster")
            self._operation.wait(_POLL_SECONDS)
        return found

    def tag(self, tags: Mapping[str, str]) -> None:
        """By PATCH, which carries no traffic."""
        answer = self._arm.request("PATCH", self._id, API_VERSION, body={"tags": dict(tags)})
        self._arm.follow(answer, f"tags of {self.name}")

    def _get(self, path: str, version: str = API_VERSION) -> dict[str, Any]:
        return dict(self._arm.get(path, version).body or {})

    def _below(self, path: str) -> tuple[str, str]:
        return f"{self._id}/{path}", API_VERSION

    def _logs(self, name: str) -> str:
        lines = "\n".join(f"    {line}" for line in self.last_lines(name))
        return f"  its last lines:\n{lines}\n"


def seen(body: Mapping[str, Any], deployments: Mapping[str, Mapping[str, Any]]) -> Seen:
    return Seen(
        {name: _deployment(one) for name, one in deployments.items()},
        {name: part for name, part in traffic_of(body).items() if name in deployments},
    )


def _deployment(body: Mapping[str, Any]) -> Deployment:
    return Deployment(
        _STATES.get(_state(body), State.BUSY),
        int((body.get("sku") or {}).get("capacity") or 1),
        str((body.get("tags") or {}).get(MARK_TAG, "")),
    )


def _state(body: Mapping[str, Any]) -> str:
    return str((body.get("properties") or {}).get("provisioningState") or "").lower()
