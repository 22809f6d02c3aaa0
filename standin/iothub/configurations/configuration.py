"""A configuration: an automatic deployment to IoT Edge devices.

https://learn.microsoft.com/rest/api/iothub/service/configuration
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standin.iothub.configurations.condition import EDGE_DEVICES, parse_condition
from standin.iothub.configurations.content import check_content
from standin.iothub.configurations.merge import Candidate
from standin.iothub.configurations.normalising import normalised
from standin.iothub.kernel.errors import BadRequest
from standin.iothub.query.parser import parse_query
from standin.iothub.query.tokens import QuerySyntaxError

_ID = re.compile(r"[^A-Z\s&^\[\]{}\\|\"<>/]{1,128}")
_METRICS_LIMIT = 5
_PRIORITIES = (0, 2**31 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """`content` is the modulesContent. `number` counts the writes and is the etag."""

    id: str
    content: dict[str, Any]
    target_condition: str = ""
    priority: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    schema_version: str | None = None
    created: str = ""
    updated: str = ""
    number: int = 1

    @property
    def etag(self) -> str:
        return base64.b64encode(str(self.number).encode()).decode()

    def candidate(self) -> Candidate:
        return Candidate(id=self.id, priority=self.priority, created=self.created, content=self.content)

    def system_metrics(self) -> dict[str, str]:
        """The hub puts the condition in without parentheses, so one with `or` also counts devices that are not edge."""
        agents = "select deviceId from devices.modules where moduleId = '$edgeAgent'"
        applied = f"{agents} and configurations.[[{self.id}]].status = 'Applied'"
        latest = f"{applied} and properties.desired.$version = properties.reported.lastDesiredVersion"
        code = "properties.reported.lastDesiredStatus.code"
        metrics = {
            "appliedCount": applied,
            "reportedSuccessfulCount": f"{latest} and {code} = 200",
            "reportedFailedCount": f"{latest} and {code} != 200",
        }
        condition = self.target_condition.strip()
        if not condition:
            return metrics
        return {"targetedCount": EDGE_DEVICES if condition == "*" else f"{EDGE_DEVICES} and {condition}"} | metrics


def configuration_request(id_: str, body: Mapping[str, Any]) -> Configuration:
    """Raises BadRequest naming the field, its value and what is allowed."""
    _check_id(id_, body)
    priority = body.get("priority") or 0
    if not isinstance(priority, int) or isinstance(priority, bool) or not _in(priority, _PRIORITIES):
        raise BadRequest(
            f"priority is {priority!r}, allowed are whole numbers from {_PRIORITIES[0]} to {_PRIORITIES[1]}"
        )
    condition = body.get("targetCondition") or ""
    if not isinstance(condition, str):
        raise BadRequest(f"targetCondition is {type(condition).__name__}, allowed is a string")
    error = condition_error(condition)
    if error is not None:
        raise BadRequest(error, code="InvalidConfigurationTargetCondition")
    return Configuration(
        id=id_,
        content=normalised(check_content(body.get("content"))),
        target_condition=condition,
        priority=priority,
        labels=_texts("labels", body.get("labels")),
        metrics=_metrics(body),
        schema_version=body.get("schemaVersion"),
    )


def condition_error(condition: str) -> str | None:
    try:
        parse_condition(condition)
    except QuerySyntaxError as error:
        return f"The target condition {condition!r} is not valid: {error}"
    return None


def query_error(query: str) -> str | None:
    try:
        parse_query(query)
    except QuerySyntaxError as error:
        return f"The query {query!r} is not valid: {error}"
    return None


def _in(value: int, limits: tuple[int, int]) -> bool:
    return limits[0] <= value <= limits[1]


def _check_id(id_: str, body: Mapping[str, Any]) -> None:
    if _ID.fullmatch(id_) is None:
        allowed = 'up to 128 characters, lower case, no space and none of & ^ [ ] { } \\ | " < > /'
        raise BadRequest(
            f"The configuration id {id_!r} is not valid, allowed are {allowed}", code="InvalidConfigurationId"
        )
    if body.get("id") not in (None, id_):
        raise BadRequest(f"id is {body['id']!r} in the body and {id_!r} in the address")


def _metrics(body: Mapping[str, Any]) -> dict[str, str]:
    metrics = body.get("metrics") or {}
    if not isinstance(metrics, Mapping):
        raise BadRequest(f"metrics is {type(metrics).__name__}, allowed is an object")
    queries = _texts("metrics.queries", metrics.get("queries"))
    if len(queries) > _METRICS_LIMIT:
        raise BadRequest(f"metrics.queries has {len(queries)} queries, allowed are {_METRICS_LIMIT}")
    for name, query in queries.items():
        error = query_error(query)
        if error is not None:
            raise BadRequest(f"metrics.queries.{name}: {error}", code="InvalidConfigurationCustomMetricsQuery")
    return queries


def _texts(name: str, value: Any) -> dict[str, str]:
    value = value or {}
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        raise BadRequest(f"{name} must be an object of strings")
    return dict(value)
