"""`mledge:iothub:EdgeDeployment`: an automatic deployment, base or layer.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
Other content is another configuration in the hub, but an update of this one resource (services/change_over.py): where
an `up` fails after it, or the config is taken back, no row of the old one waits to be deleted. The id is the
deployment's name in its hub; which configuration stands for it is an output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from clone import digests
from cloud.errors import ServiceError
from cloud.iot_hub import Configuration, IotHub
from edge.manifest import (
    ConditionSyntaxError,
    parenthesised,
    parse_condition,
    priority_problem,
    validate,
)
from infra.provider import marks
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, text
from infra.provider.services.change_over import (
    LABEL_CONTENT,
    LABEL_MARK,
    LABEL_NAME,
    OWN_LABELS,
    ChangeOver,
    Wanted,
    of_deployment,
)
from infra.provider.services.rollout import wait_for_rollout
from infra.provider.services.sent_content import as_wanted, shown_content, was_sent
from infra.provider.undisturbed import AT_ONCE
from pluginbase.diff import Change
from pluginbase.resource import Failure, Gone, OperationContext, PartialFailure, Properties, ProviderError, Resource
from pluginbase.values import UNKNOWN

_Name = Annotated[
    str,
    text(
        r"[a-z0-9][a-z0-9\-:+%_#*?!(),=@;$']{0,99}",
        "1 to 100 lower-case letters, digits and - : + % _ # * ? ! ( ) , = @ ; $ ' are allowed",
    ),
]
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
    replace_on = frozenset({"hubHost", "name"})
    diff_asks_service = True

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs, failures = EdgeDeploymentInputs.check(news)
        failures += _refused_metrics(inputs["metrics"])
        if not failures:
            failures += [*_refused_priority(inputs), *_refused_condition(inputs), *_refused_content(inputs)]
        if not failures and isinstance(inputs["targetCondition"], str):
            inputs["targetCondition"] = parenthesised(inputs["targetCondition"])
        return inputs, failures

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """An `up` that died leaves the inputs as they were, and something else in the hub: a change of the id."""
        found = super().diff(ctx, id, as_wanted(olds, news, state), news, state)
        if not found and (what := _astray(ctx, id, olds, state)):
            ctx.log(f"{what}; `up` puts that right", "warning")
            return [Change(("configurationId",), "update")]
        return found

    def preview_update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        outputs = {**state, **news}
        if olds.get("content") != news["content"]:
            outputs["configurationId"] = outputs["contentDigest"] = outputs["effectivePriority"] = UNKNOWN
        return outputs

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = EdgeDeploymentInputs.of(inputs)
        hub = IotHub(ctx, given.hub_host)
        id, mark = f"{hub.host}/{given.name}", marks.fresh()
        change_over = ChangeOver(ctx, hub, _wanted(given, mark))

        def wait(configuration_id: str) -> None:
            reasons = _not_rolled_out(ctx, hub, configuration_id, given)
            if reasons and change_over.displaces:
                raise ProviderError("; ".join(reasons))
            if reasons:
                live = _wanted(given, mark).configuration(configuration_id, given.priority)
                outputs = _outputs(inputs, live, mark)
                raise PartialFailure(id, outputs, reasons, inputs)

        return id, _outputs(inputs, change_over.run(given.priority, wait), mark)

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        """What stands in force under the deployment's name, whether this row or an `up` that died has made it."""
        host, own = _parts(id, state)
        with gone_if_missing():
            everything = IotHub(ctx, host).configurations()
        name = inputs.get("name") or next((_name(one) for one in everything if one.id == own), own)
        live = _in_force(of_deployment(everything, name, own), own)
        if live is None:
            raise Gone
        seen = {
            "hubHost": host,
            "name": name,
            "kind": kind_of(live.modules_content),
            "content": shown_content(inputs, live),
            "targetCondition": live.target_condition,
            "priority": live.priority - _raised(live.priority, inputs),
            "metrics": live.metrics,
            "labels": {label: value for label, value in live.labels.items() if label not in OWN_LABELS},
            "waitSeconds": inputs.get("waitSeconds", 0),
        }
        # an import claims what it finds; a refresh does not: another row may have taken it over
        mark = marks.of_row(state) if state else live.labels.get(LABEL_MARK)
        outputs = _outputs(seen, live, mark)
        imported = not isinstance(inputs.get("content"), Mapping) or not was_sent(inputs["content"], state)
        return id, seen, {**outputs, "contentDigest": live.labels.get(LABEL_CONTENT, "")} if imported else outputs

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        host, own = _parts(id, state)
        hub = IotHub(ctx, host)
        given = EdgeDeploymentInputs.of(news)

        def wait(configuration_id: str) -> None:
            reasons = _not_rolled_out(ctx, hub, configuration_id, given)
            if reasons:
                raise ProviderError("; ".join(reasons))

        alone = given.priority + _raised(state.get("effectivePriority", given.priority), olds)
        mark = marks.kept(state)
        live = ChangeOver(ctx, hub, _wanted(given, mark), own).run(alone, wait)
        return _outputs(news, live, mark)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        host, own = _parts(id, state)
        hub, mark = IotHub(ctx, host), marks.of_row(state)
        with gone_if_missing():
            everything = hub.configurations()
        if mark is None:
            going = [one for one in everything if one.id == own and LABEL_MARK not in one.labels]
        else:
            going = [one for one in everything if one.labels.get(LABEL_MARK) == mark]
        for one in going:
            with gone_if_missing():
                hub.delete_configuration(one.id)


def kind_of(content: Mapping[str, Any]) -> str:
    """A layer names what it changes by dotted paths; only a base gives the agent's desired properties whole."""
    agent = content.get("$edgeAgent") or {}
    return "base" if "properties.desired" in agent else "layer"


def _wanted(given: EdgeDeploymentInputs, mark: str) -> Wanted:
    return Wanted(
        name=given.name,
        content=given.content,
        digest=digests.of_deployment_content(given.content),
        target_condition=given.target_condition,
        priority=given.priority,
        metrics=given.metrics,
        labels=given.labels,
        mark=mark,
    )


def _outputs(values: Properties, live: Configuration, mark: str | None) -> Properties:
    return {
        **values,
        "configurationId": live.id,
        "contentDigest": digests.of_deployment_content(values["content"]),
        "effectivePriority": live.priority,
        **marks.as_output(mark),
    }


def _not_rolled_out(
    ctx: OperationContext, hub: IotHub, configuration_id: str, given: EdgeDeploymentInputs
) -> list[str]:
    if not given.wait_seconds:
        return []
    reasons = wait_for_rollout(ctx, hub, configuration_id, given.content, given.target_condition, given.wait_seconds)
    return [f"not rolled out within {given.wait_seconds} s (waitSeconds): {reason}" for reason in reasons]


def _astray(ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> str | None:
    """What stands in the hub beside or instead of what the row says; None where the hub does not answer at once."""
    host, own = _parts(id, state)
    try:
        found = of_deployment(IotHub(ctx, host, AT_ONCE).configurations(), inputs["name"], own)
    except ServiceError:
        return None
    mine = [one for one in found if one.id == own]
    others = ", ".join(one.id for one in found if one.id != own)
    if others:
        return f"{others} stands in {host} {'beside' if mine else 'instead of'} {own}"
    if not mine:
        return f"{own} stands no more in {host}"
    return None if mine[0].labels.get(LABEL_MARK) == marks.of_row(state) else f"{own} in {host} has another mark"


def _in_force(found: Iterable[Configuration], own: str) -> Configuration | None:
    return max(found, key=lambda one: (one.priority, one.id == own), default=None)


def _name(configuration: Configuration) -> str:
    return configuration.labels.get(LABEL_NAME, configuration.id)


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


def _raised(effective: int, inputs: Properties) -> int:
    """1 where a configuration stands above its nominal priority, as one does that replaced another."""
    return 1 if effective == int(inputs.get("priority", effective)) + 1 else 0


def _parts(id: str, state: Properties) -> tuple[str, str]:
    """Host, and the id of the row's configuration: the outputs name it. An import may name it instead of the
    deployment, and so do the ids that older code gave."""
    host, _, named = id.partition("/")
    if not named:
        raise ProviderError(f"{id!r} is no id of a deployment; <hub host>/<name or configuration id> is wanted")
    return host, state.get("configurationId", named)
