"""`mledge:ml:OnlineModel`: what serves behind an online endpoint: its deployments and its traffic, as one thing.

Another model, image or machine is another deployment beside the one that serves, asked before each share of the traffic
that it gets (services/online/plan.py), and one update of this row: where it fails, the old one serves as before, and
the state still says so. The endpoint itself is somebody else's resource; its tags are changed here, by a PATCH, as a
PUT of it would carry its traffic.
https://learn.microsoft.com/azure/machine-learning/how-to-safely-rollout-online-endpoints
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from msgspec import Meta, field

from clone.layout import Clone
from cloud.arm import Arm
from cloud.azureml.kubernetes_router import router_address
from cloud.errors import ServiceError
from contracts.card import Golden, load_card
from infra.provider import marks
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, Sha256, text
from infra.provider.local.recover_artifact import ArtifactSource, recover_artifact
from infra.provider.services.online.change import change_over
from infra.provider.services.online.endpoint import Gating, OnlineEndpoint, Router, seen
from infra.provider.services.online.live import live_inputs
from infra.provider.services.online.plan import Seen, Wanted
from infra.provider.services.online.spec import DeploymentSpec, Pod
from infra.provider.undisturbed import AT_ONCE, PUT_BACK_LIMITS, Undisturbed
from pluginbase.diff import Change
from pluginbase.resource import Failure, Gone, OperationContext, Properties, Resource
from pluginbase.values import UNKNOWN

_SPEC = (
    "location",
    "environmentId",
    "modelId",
    "instanceType",
    "environmentVariables",
    "requestTimeoutSeconds",
    "concurrentRequests",
    "cpu",
    "memoryMb",
)
_MOST_SECONDS, _MOST_SECONDS_IN_KUBERNETES = 180, 300


class OnlineModelInputs(Inputs, frozen=True):
    endpoint_id: Annotated[str, text(r"/subscriptions/.+/onlineEndpoints/[^/]+", "an online endpoint's resource id")]
    location: str
    environment_id: str
    model_id: str
    instance_type: str
    instances: Annotated[int, Meta(ge=1, le=50)]
    environment_variables: dict[str, str]
    request_timeout_seconds: Annotated[int, Meta(ge=1, le=_MOST_SECONDS_IN_KUBERNETES)]
    concurrent_requests: Annotated[int, Meta(ge=1, le=65_536)]
    traffic: list[int]
    """Shares in percent, rising to 100."""
    hold_seconds: Annotated[int, Meta(ge=0, le=3600)]
    probes: Annotated[int, Meta(ge=1, le=10_000)]
    digest: Sha256
    """Of the artifact, whose card has the golden examples."""
    source: ArtifactSource | None = None
    tags: dict[str, str] = field(default_factory=dict)
    """Of the endpoint."""
    cpu: Annotated[float, Meta(ge=0.1, le=64)] | None = None
    """Of a replica in Kubernetes, as the next three; None on machines of Azure ML's own."""
    memory_mb: Annotated[int, Meta(ge=32, le=1_048_576)] | None = None
    cluster_id: Annotated[str, text(r"/subscriptions/.+/managedClusters/[^/]+", "a cluster's resource id")] | None = (
        None
    )
    ca_pem: str | None = None
    """Of the CA that signed the certificate of the cluster's router."""

    @property
    def pod(self) -> Pod | None:
        return None if self.cpu is None or self.memory_mb is None else Pod(self.cpu, self.memory_mb)

    @property
    def router(self) -> Router | None:
        return None if self.cluster_id is None or self.ca_pem is None else Router(self.cluster_id, self.ca_pem)

    @property
    def spec(self) -> DeploymentSpec:
        return DeploymentSpec(
            location=self.location,
            environment_id=self.environment_id,
            model_id=self.model_id,
            instance_type=self.instance_type,
            environment_variables=self.environment_variables,
            request_timeout_seconds=self.request_timeout_seconds,
            concurrent_requests=self.concurrent_requests,
            pod=self.pod,
        )

    def wanted(self, mark: str) -> Wanted:
        return Wanted(name=self.spec.name, instances=self.instances, mark=mark, shares=tuple(self.traffic))


class OnlineModel(Resource):
    token = "mledge:ml:OnlineModel"  # noqa: S105 - a resource type
    replace_on = frozenset({"endpointId"})
    stable_outputs = ("scoringUri", marks.OUTPUT)
    diff_asks_service = True

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs, failures = OnlineModelInputs.check(news)
        return inputs, failures or [*_refused_traffic(inputs["traffic"]), *_refused_place(inputs)]

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """An `up` that died, and a hand in the portal, leave the inputs as they were and other shares: a change of
        them."""
        found = super().diff(ctx, id, olds, news, state)
        if not found and (what := _astray(ctx, olds, state)):
            ctx.log(f"{what}; `up` puts that right", "warning")
            return [Change(("shares",), "update")]
        return found

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        """The deployment has its name before it is made, where all that it is of is known."""
        if any(_is_unknown(inputs.get(name)) for name in _SPEC):
            return dict(inputs)
        given = {name: value for name, value in inputs.items() if name not in _NOT_IN_THE_NAME}
        name = OnlineModelInputs.of({**given, **_PLACEHOLDERS}).spec.name
        return {**inputs, "deployment": name, "shares": {name: 100}}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = OnlineModelInputs.of(inputs)
        return given.endpoint_id, self._stand(ctx, given, inputs, None, marks.fresh())

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        """What serves, whether this row or an `up` that died has made it; shares that somebody changed show as they
        are."""
        endpoint = OnlineEndpoint(ctx, id)
        with gone_if_missing():
            body, deployments = endpoint.body(), endpoint.deployments()
        found = seen(body, deployments)
        serving = _in_force(found, state.get("deployment"))
        if serving is None:
            raise Gone
        live = {**inputs, "endpointId": id, **live_inputs(body, deployments[serving], inputs)}
        mark = marks.of_row(state) if state else found.deployments[serving].mark
        outputs = {**_outputs(body, found, serving), "address": _address(ctx, inputs, state)}
        return id, live, {**live, **outputs, **marks.as_output(mark)}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        return self._stand(ctx, OnlineModelInputs.of(news), news, state.get("deployment"), marks.kept(state))

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """Only what carries the row's mark: another row may have taken the endpoint over."""
        endpoint, mark = OnlineEndpoint(ctx, id), marks.of_row(state)
        with gone_if_missing():
            found = endpoint.look()
        going = [name for name in found.own() if found.deployments[name].mark == mark]
        if set(going) & set(found.traffic):
            endpoint.shift({})
        for name in going:
            endpoint.remove(name)

    def _stand(
        self, ctx: OperationContext, given: OnlineModelInputs, inputs: Properties, serving: str | None, mark: str
    ) -> Properties:
        """Returns the outputs once the wanted deployment alone serves."""

        @cache
        def golden() -> Sequence[Golden]:
            source = given.source or ArtifactSource()
            return load_card(recover_artifact(ctx, self._clone, given.digest, source)).golden

        gating = Gating(golden=golden, probes=given.probes, hold_seconds=given.hold_seconds, router=given.router)
        endpoint = OnlineEndpoint(ctx, given.endpoint_id, given.spec, gating)
        if (endpoint.body().get("tags") or {}) != given.tags:
            endpoint.tag(given.tags)
        back = OnlineEndpoint(Undisturbed(ctx), given.endpoint_id, given.spec, gating, PUT_BACK_LIMITS)
        wanted = given.wanted(mark)
        change_over(endpoint, back, wanted, serving)
        body = endpoint.body()
        found = {**_outputs(body, seen(body, endpoint.deployments()), wanted.name), "address": endpoint.address()}
        return {**inputs, **found, **marks.as_output(mark)}


# What the name of a deployment is not of, where it is not known yet.
_PLACEHOLDERS: Mapping[str, Any] = {
    "endpointId": "/subscriptions/-/onlineEndpoints/-",
    "instances": 1,
    "traffic": [100],
    "holdSeconds": 0,
    "probes": 1,
    "digest": "0" * 64,
    "source": None,
    "tags": {},
}
_NOT_IN_THE_NAME = frozenset({"clusterId", "caPem"})


def _outputs(body: Mapping[str, Any], found: Seen, serving: str) -> Properties:
    return {
        "deployment": serving,
        "shares": dict(found.traffic),
        "scoringUri": str((body.get("properties") or {}).get("scoringUri", "")),
    }


def _address(ctx: OperationContext, inputs: Properties, state: Properties) -> str:
    """Empty outside of Kubernetes. After an import it is known with the next change."""
    cluster_id = inputs.get("clusterId")
    known = str(state.get("address") or "")
    return router_address(Arm(ctx), cluster_id) or known if isinstance(cluster_id, str) else known


def _in_force(found: Seen, own: str | None) -> str | None:
    """The deployment of ours that has most of the traffic; of equals the row's."""
    return max(found.own(), key=lambda name: (found.traffic.get(name, 0), name == own), default=None)


def _astray(ctx: OperationContext, inputs: Properties, state: Properties) -> str | None:
    """What the endpoint has other than the row says; None where Azure does not answer at once."""
    own = str(state.get("deployment"))
    endpoint = OnlineEndpoint(ctx, str(inputs["endpointId"]), limits=AT_ONCE)
    try:
        found = endpoint.look()
    except ServiceError:
        return None
    shares = ", ".join(f"{name} {part} %" for name, part in sorted(found.traffic.items())) or "nobody any"
    if dict(found.traffic) != {own: 100}:
        return f"of the traffic of {endpoint.name} {shares} is given, where {own} should have all"
    left = ", ".join(name for name in found.own() if name != own)
    if left:
        return f"{left} is left at {endpoint.name} beside {own}"
    return None if found.deployments[own].mark == marks.of_row(state) else f"{own} has another mark"


def _refused_traffic(traffic: Any) -> Iterator[Failure]:
    if not isinstance(traffic, list) or any(one is UNKNOWN for one in traffic):
        return
    if not traffic or traffic[-1] != 100 or traffic != sorted(set(traffic)) or traffic[0] < 1:
        yield Failure("traffic", f"{traffic} is refused; shares in percent that rise to 100 are wanted")


def _refused_place(inputs: Properties) -> Iterator[Failure]:
    """What a replica in Kubernetes has is all there, or none of it."""
    named = ("cpu", "memoryMb", "clusterId", "caPem")
    given = [name for name in named if inputs.get(name) is not None]
    for name in named if given else ():
        if name not in given:
            yield Failure(name, f"is missing, beside {' and '.join(given)}")
    seconds = inputs["requestTimeoutSeconds"]
    if not given and isinstance(seconds, int) and seconds > _MOST_SECONDS:
        yield Failure("requestTimeoutSeconds", f"{seconds} is refused; 1 to {_MOST_SECONDS} outside of Kubernetes")


def _is_unknown(value: Any) -> bool:
    return value is UNKNOWN or (isinstance(value, Mapping) and any(_is_unknown(one) for one in value.values()))
