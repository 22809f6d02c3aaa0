"""`mledge:iothub:EdgeDeployment`: an automatic deployment, base or layer.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
A configuration's content cannot be changed, so new content is a new configuration beside the old one: the new stands
at nominal priority + 1, the old is lowered to nominal, and goes when the engine deletes what was replaced. So a device
is never without a deployment. Its id is the name and the content's digest, so that a run that died finds its own again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from clone import digests
from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import Configuration, IotHub
from edge.manifest import ConditionSyntaxError, parenthesised, parse_condition, priority_problem, validate
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, text
from infra.provider.services.rollout import wait_for_rollout
from pluginbase.resource import Failure, OperationContext, PartialFailure, Properties, ProviderError, Resource
from pluginbase.values import UNKNOWN

_Name = Annotated[
    str,
    text(
        r"[a-z0-9][a-z0-9\-:+%_#*?!(),=@;$']{0,99}",
        "1 to 100 lower-case letters, digits and - : + % _ # * ? ! ( ) , = @ ; $ ' are allowed",
    ),
]
_LABEL_NAME, _LABEL_CONTENT = "edgewayDeployment", "edgewayContent"
_MAX_METRICS = 5


class EdgeDeploymentInputs(Inputs, frozen=True):
    hub_host: str
    name: _Name
    kind: Literal["base", "layer"]
    content: Any
    """What stands under `modulesContent`, a mapping."""
    target_condition: Any
    priority: Annotated[int, Meta(ge=0, le=2_147_483_646)]
    metrics: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    wait_seconds: Annotated[int, Meta(ge=0, le=3600)] = 0
    """For how long create and update wait until the targeted devices run it; 0 does not wait."""


class EdgeDeployment(Resource):
    token = "mledge:iothub:EdgeDeployment"  # noqa: S105 - a resource type
    replace_on = frozenset({"hubHost", "name", "kind", "content"})
    stable_outputs = ("configurationId", "contentDigest")

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs, failures = EdgeDeploymentInputs.check(news)
        failures += _refused_metrics(inputs["metrics"])
        if not failures:
            failures += [*_refused_priority(inputs), *_refused_condition(inputs), *_refused_content(inputs)]
        if not failures and isinstance(inputs["targetCondition"], str):
            inputs["targetCondition"] = parenthesised(inputs["targetCondition"])
        return inputs, failures

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = EdgeDeploymentInputs.of(inputs)
        hub = IotHub(ctx, given.hub_host)
        digest = digests.of_deployment_content(given.content)
        configuration_id, left_behind = _own(hub, given, digest)
        older = [
            entry
            for entry in hub.configurations()
            if entry.labels.get(_LABEL_NAME) == given.name and entry.id != configuration_id
        ]
        for entry in older:
            if entry.priority > given.priority:
                ctx.status(f"lowering {entry.id} to priority {given.priority}")
                hub.change_configuration(entry.id, priority=given.priority)
        priority = given.priority + (1 if older else 0)
        if left_behind is None:
            _create(hub, configuration_id, given, digest, priority)
        else:
            ctx.log(f"{configuration_id} exists already with this content and is taken over")
            _update(hub, configuration_id, given, digest, priority)
        outputs = {
            **inputs,
            "configurationId": configuration_id,
            "contentDigest": digest,
            "effectivePriority": priority,
        }
        _wait(ctx, hub, configuration_id, inputs, outputs)
        return f"{hub.host}/{configuration_id}", outputs

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        host, configuration_id = _parts(id)
        with gone_if_missing():
            live = IotHub(ctx, host).configuration(configuration_id)
        labels = dict(live.labels)
        name = labels.pop(_LABEL_NAME, inputs.get("name", configuration_id))
        labels.pop(_LABEL_CONTENT, None)
        seen = {
            "hubHost": host,
            "name": name,
            "kind": inputs.get("kind", "base"),
            "content": live.modules_content,
            "targetCondition": live.target_condition,
            "priority": live.priority - _raised(live.priority, inputs),
            "metrics": live.metrics,
            "labels": labels,
            "waitSeconds": inputs.get("waitSeconds", 0),
        }
        outputs = {
            **seen,
            "configurationId": configuration_id,
            "contentDigest": digests.of_deployment_content(live.modules_content),
            "effectivePriority": live.priority,
        }
        return id, seen, outputs

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        host, configuration_id = _parts(id)
        hub = IotHub(ctx, host)
        given = EdgeDeploymentInputs.of(news)
        try:
            live = hub.configuration(configuration_id)
            priority = given.priority + _raised(live.priority, olds)
            _update(hub, configuration_id, given, state["contentDigest"], priority)
        except ServiceError as error:
            if is_missing(error):
                raise ProviderError(f"{error}: it was deleted outside; run `pulumi up --refresh`") from error
            raise
        outputs = {**state, **news, "effectivePriority": priority}
        _wait(ctx, hub, configuration_id, news, outputs)
        return outputs

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        host, configuration_id = _parts(id)
        with gone_if_missing():
            IotHub(ctx, host).delete_configuration(configuration_id)


def _wait(ctx: OperationContext, hub: IotHub, configuration_id: str, inputs: Properties, outputs: Properties) -> None:
    given = EdgeDeploymentInputs.of(inputs)
    if not given.wait_seconds:
        return
    reasons = wait_for_rollout(ctx, hub, configuration_id, given.content, given.target_condition, given.wait_seconds)
    if reasons:
        limit = f"not rolled out within {given.wait_seconds} s (waitSeconds)"
        raise PartialFailure(
            f"{hub.host}/{configuration_id}", outputs, [f"{limit}: {reason}" for reason in reasons], inputs
        )


def _refused_metrics(metrics: Any) -> Iterator[Failure]:
    if isinstance(metrics, Mapping) and len(metrics) > _MAX_METRICS:
        yield Failure("metrics", f"{len(metrics)} queries; {_MAX_METRICS} are allowed")


def _refused_priority(inputs: Properties) -> Iterator[Failure]:
    if inputs["priority"] is not UNKNOWN and inputs["kind"] is not UNKNOWN:
        problem = priority_problem(inputs["kind"], inputs["priority"])
        if problem:
            yield Failure("priority", problem)


def _refused_condition(inputs: Properties) -> Iterator[Failure]:
    condition = inputs["targetCondition"]
    if condition is UNKNOWN:
        return
    if not isinstance(condition, str) or not condition.strip():
        yield Failure(
            "targetCondition", f"{condition!r} targets no device; a condition, or * for every device, is wanted"
        )
        return
    try:
        parse_condition(condition)
    except ConditionSyntaxError as error:
        yield Failure("targetCondition", f"{condition!r}, column {error.column}: {error.reason}")


def _refused_content(inputs: Properties) -> Iterator[Failure]:
    content, kind = inputs["content"], inputs["kind"]
    if content is UNKNOWN:
        return
    if not isinstance(content, Mapping):
        yield Failure("content", f"is {type(content).__name__}; what stands under modulesContent is wanted, a mapping")
    elif kind is not UNKNOWN:
        for problem in validate(_ordered(content), kind, is_unknown=lambda value: value is UNKNOWN):
            yield Failure("content", str(problem))


def _ordered(value: Any) -> Any:
    """By name: mappings arrive in another order at each run, and a finding's line must not move with it."""
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _own(hub: IotHub, given: EdgeDeploymentInputs, digest: str) -> tuple[str, Configuration | None]:
    """The id for this content, and the configuration that a run that died has left under it.

    Where the id is taken by other content (someone made it anew by hand), the next free number is added: the old one
    must stay until the engine deletes it.
    """
    stem = f"{given.name}-{digest[:12]}"
    number = 1
    while True:
        candidate = stem if number == 1 else f"{stem}-{number}"
        try:
            taken = hub.configuration(candidate)
        except ServiceError as error:
            if is_missing(error):
                return candidate, None
            raise
        if taken.modules_content == given.content:
            return candidate, taken
        number += 1


def _configuration(configuration_id: str, given: EdgeDeploymentInputs, digest: str, priority: int) -> Configuration:
    return Configuration(
        id=configuration_id,
        labels=_labels(given, digest),
        modules_content=given.content,
        target_condition=given.target_condition,
        priority=priority,
        metrics=given.metrics,
    )


def _create(hub: IotHub, configuration_id: str, given: EdgeDeploymentInputs, digest: str, priority: int) -> None:
    try:
        hub.create_configuration(_configuration(configuration_id, given, digest, priority))
    except ServiceError as error:
        if error.status != 409:
            raise
        # made a moment ago by this very call, whose answer was lost
        _update(hub, configuration_id, given, digest, priority)


def _raised(effective: int, inputs: Properties) -> int:
    """1 where a configuration stands above its nominal priority, as one does that replaced another."""
    return 1 if effective == int(inputs.get("priority", effective)) + 1 else 0


def _update(hub: IotHub, configuration_id: str, given: EdgeDeploymentInputs, digest: str, priority: int) -> None:
    hub.change_configuration(
        configuration_id,
        priority=priority,
        target_condition=given.target_condition,
        labels=_labels(given, digest),
        metrics=given.metrics,
    )


def _labels(given: EdgeDeploymentInputs, digest: str) -> dict[str, str]:
    return {**given.labels, _LABEL_NAME: given.name, _LABEL_CONTENT: digest[:12]}


def _parts(id: str) -> tuple[str, str]:
    host, _, configuration_id = id.partition("/")
    if not configuration_id:
        raise ProviderError(f"{id!r} is no id of a deployment; <hub host>/<configuration id> is wanted")
    return host, configuration_id
