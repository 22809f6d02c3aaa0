"""`mledge:iothub:EdgeDeployment`: an automatic deployment, base or layer.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
A configuration's content cannot be changed, so new content is a new configuration beside the old one: the new stands
at nominal priority + 1, the old is lowered to nominal, and goes when the engine deletes what was replaced. So a device
is never without a deployment. Its id is the name and the content's digest, so that a run that died finds its own again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clone import digests
from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import Configuration, IotHub
from edge.manifest import ConditionSyntaxError, parenthesised, parse_condition, priority_problem, validate
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Checks, with_defaults
from infra.provider.rollout import wait_for_rollout
from pluginbase.resource import Failure, OperationContext, PartialFailure, Properties, ProviderError, Resource
from pluginbase.values import UNKNOWN

_NAME = r"[a-z0-9][a-z0-9\-:+%_#*?!(),=@;$']{0,99}"
_LABEL_NAME, _LABEL_CONTENT = "edgewayDeployment", "edgewayContent"
_MAX_METRICS = 5


class EdgeDeployment(Resource):
    token = "mledge:iothub:EdgeDeployment"  # noqa: S105 - a resource type
    replace_on = frozenset({"hubHost", "name", "kind", "content"})
    stable_outputs = ("configurationId", "contentDigest")

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        news = with_defaults(news, metrics={}, labels={}, waitSeconds=0)
        checks = Checks(news)
        checks.only(
            ("hubHost", "name", "kind", "content", "targetCondition", "priority", "metrics", "labels", "waitSeconds")
        )
        checks.text(
            "name", _NAME, "1 to 100 lower-case letters, digits and - : + % _ # * ? ! ( ) , = @ ; $ ' are allowed"
        )
        checks.one_of("kind", ("base", "layer"))
        checks.whole("priority", 0, 2_147_483_646)
        checks.whole("waitSeconds", 0, 3600)
        metrics = checks.mapping("metrics")
        if len(metrics) > _MAX_METRICS:
            checks.fail("metrics", f"{len(metrics)} queries; {_MAX_METRICS} are allowed")
        if not checks.failures:
            _check_priority(checks)
            _check_condition(checks)
            _check_content(checks)
        return news, checks.failures

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        hub = IotHub(ctx, inputs["hubHost"])
        digest = digests.of_deployment_content(inputs["content"])
        siblings = [entry for entry in hub.configurations() if entry.labels.get(_LABEL_NAME) == inputs["name"]]
        wanted_id, mine = _own(hub, inputs, digest)
        others = [entry for entry in siblings if entry.id != wanted_id]
        priority = inputs["priority"] + (1 if others else 0)
        for entry in others:
            if entry.priority > inputs["priority"]:
                ctx.status(f"lowering {entry.id} to priority {inputs['priority']}")
                hub.change_configuration(entry.id, priority=inputs["priority"])
        if mine is None:
            _create(hub, wanted_id, inputs, digest, priority)
        else:
            ctx.log(f"{wanted_id} exists already with this content and is taken over")
            _update(hub, wanted_id, inputs, digest, priority)
        outputs = {**inputs, "configurationId": wanted_id, "contentDigest": digest, "effectivePriority": priority}
        self._wait(ctx, hub, wanted_id, inputs, outputs)
        return f"{inputs['hubHost']}/{wanted_id}", outputs

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        host, configuration_id = _parts(id)
        with gone_if_missing():
            live = IotHub(ctx, host).configuration(configuration_id)
        labels = dict(live.labels)
        name = labels.pop(_LABEL_NAME, inputs.get("name", configuration_id))
        labels.pop(_LABEL_CONTENT, None)
        found = {
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
            **found,
            "configurationId": configuration_id,
            "contentDigest": digests.of_deployment_content(live.modules_content),
            "effectivePriority": live.priority,
        }
        return id, found, outputs

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        host, configuration_id = _parts(id)
        hub = IotHub(ctx, host)
        try:
            live = hub.configuration(configuration_id)
            priority = news["priority"] + _raised(live.priority, olds)
            _update(hub, configuration_id, news, state["contentDigest"], priority)
        except ServiceError as error:
            if is_missing(error):
                raise ProviderError(f"{error}: it was deleted outside; run `pulumi up --refresh`") from error
            raise
        outputs = {**state, **news, "effectivePriority": priority}
        self._wait(ctx, hub, configuration_id, news, outputs)
        return outputs

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        host, configuration_id = _parts(id)
        with gone_if_missing():
            IotHub(ctx, host).delete_configuration(configuration_id)

    def _wait(
        self, ctx: OperationContext, hub: IotHub, configuration_id: str, inputs: Properties, outputs: Properties
    ) -> None:
        if not inputs["waitSeconds"]:
            return
        content, condition = inputs["content"], inputs["targetCondition"]
        reasons = wait_for_rollout(ctx, hub, configuration_id, content, condition, inputs["waitSeconds"])
        if reasons:
            limit = f"not rolled out within {inputs['waitSeconds']} s (waitSeconds)"
            raise PartialFailure(
                f"{hub.host}/{configuration_id}", outputs, [f"{limit}: {reason}" for reason in reasons], inputs
            )


def _check_priority(checks: Checks) -> None:
    if checks.known("priority") and checks.known("kind"):
        problem = priority_problem(checks.news["kind"], checks.news["priority"])
        if problem:
            checks.fail("priority", problem)


def _check_condition(checks: Checks) -> None:
    if not checks.known("targetCondition"):
        return
    condition = checks.news["targetCondition"]
    if not isinstance(condition, str) or not condition.strip():
        checks.fail(
            "targetCondition", f"{condition!r} targets no device; a condition, or * for every device, is wanted"
        )
        return
    try:
        parse_condition(condition)
    except ConditionSyntaxError as error:
        checks.fail("targetCondition", f"{condition!r}, column {error.column}: {error.reason}")
        return
    checks.news["targetCondition"] = parenthesised(condition)


def _check_content(checks: Checks) -> None:
    content = checks.news["content"]
    if content is UNKNOWN:
        return
    if not isinstance(content, Mapping):
        checks.fail("content", f"is {type(content).__name__}; what stands under modulesContent is wanted, a mapping")
        return
    if not checks.known("kind"):
        return
    for problem in validate(_ordered(content), checks.news["kind"], is_unknown=lambda value: value is UNKNOWN):
        checks.fail("content", str(problem))


def _ordered(value: Any) -> Any:
    """By name: mappings arrive in another order at each run, and a finding's line must not move with it."""
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _own(hub: IotHub, inputs: Properties, digest: str) -> tuple[str, Configuration | None]:
    """The id for this content, and the configuration that a run that died has left under it.

    Where the id is taken by other content (someone made it anew by hand), the next free number is added: the old one
    must stay until the engine deletes it.
    """
    stem = f"{inputs['name']}-{digest[:12]}"
    number = 1
    while True:
        candidate = stem if number == 1 else f"{stem}-{number}"
        try:
            found = hub.configuration(candidate)
        except ServiceError as error:
            if is_missing(error):
                return candidate, None
            raise
        if found.modules_content == inputs["content"]:
            return candidate, found
        number += 1


def _configuration(configuration_id: str, inputs: Properties, digest: str, priority: int) -> Configuration:
    return Configuration(
        id=configuration_id,
        labels=_labels(inputs, digest),
        modules_content=inputs["content"],
        target_condition=inputs["targetCondition"],
        priority=priority,
        metrics=inputs["metrics"],
    )


def _create(hub: IotHub, configuration_id: str, inputs: Properties, digest: str, priority: int) -> None:
    try:
        hub.create_configuration(_configuration(configuration_id, inputs, digest, priority))
    except ServiceError as error:
        if error.status != 409:
            raise
        # made a moment ago by this very call, whose answer was lost
        _update(hub, configuration_id, inputs, digest, priority)


def _raised(effective: int, inputs: Properties) -> int:
    """1 where a configuration stands above its nominal priority, as one does that replaced another."""
    return 1 if effective == int(inputs.get("priority", effective)) + 1 else 0


def _update(hub: IotHub, configuration_id: str, inputs: Properties, digest: str, priority: int) -> None:
    hub.change_configuration(
        configuration_id,
        priority=priority,
        target_condition=inputs["targetCondition"],
        labels=_labels(inputs, digest),
        metrics=inputs["metrics"],
    )


def _labels(inputs: Properties, digest: str) -> dict[str, str]:
    return {**inputs["labels"], _LABEL_NAME: inputs["name"], _LABEL_CONTENT: digest[:12]}


def _parts(id: str) -> tuple[str, str]:
    host, _, configuration_id = id.partition("/")
    if not configuration_id:
        raise ProviderError(f"{id!r} is no id of a deployment; <hub host>/<configuration id> is wanted")
    return host, configuration_id
