"""Configurations over REST.

https://learn.microsoft.com/rest/api/iothub/service/configuration
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.http import Request, Response, empty, json_response
from standin.iothub.configurations.configuration import Configuration, condition_error, query_error
from standin.iothub.configurations.content import check_content, is_layered
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest
from standin.iothub.rest.parameters import top_of

_LIST_LIMIT = 100


def _view(hub: Hub, configuration: Configuration) -> dict[str, Any]:
    return {
        "id": configuration.id,
        "schemaVersion": configuration.schema_version,
        "labels": configuration.labels,
        "content": {"modulesContent": configuration.content},
        "targetCondition": configuration.target_condition,
        "createdTimeUtc": configuration.created,
        "lastUpdatedTimeUtc": configuration.updated,
        "priority": configuration.priority,
        "systemMetrics": _metrics(hub, configuration.system_metrics()),
        "metrics": _metrics(hub, configuration.metrics),
        "etag": configuration.etag,
    }


def _metrics(hub: Hub, queries: Mapping[str, str]) -> dict[str, Any]:
    """Azure counts every few minutes, the stand-in when asked."""
    return {"results": {name: hub.queries.count(query) for name, query in queries.items()}, "queries": dict(queries)}


def _answer(hub: Hub, configuration: Configuration) -> Response:
    return json_response(_view(hub, configuration), headers={"etag": f'"{configuration.etag}"'})


async def list_configurations(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    top = top_of(request, _LIST_LIMIT)
    return json_response([_view(hub, configuration) for configuration in hub.configurations.all()[:top]])


async def get_configuration(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    return _answer(hub, hub.configurations.get(parameters["configuration"]))


async def put_configuration(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    body, if_match = request.json_object(), request.headers.get("if-match")
    configuration = hub.configurations.put(parameters["configuration"], body, if_match)
    return _answer(hub, configuration)


async def delete_configuration(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    hub.configurations.delete(parameters["configuration"], request.headers.get("if-match"))
    return empty(204)


async def test_queries(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    body = request.json_object()
    queries = body.get("customMetricQueries") or {}
    if not isinstance(queries, Mapping):
        raise BadRequest(f"customMetricQueries is {type(queries).__name__}, allowed is an object")
    errors = {name: query_error(str(query)) for name, query in queries.items()}
    return json_response(
        {
            "targetConditionError": condition_error(str(body.get("targetCondition") or "")),
            "customMetricQueryErrors": {name: error for name, error in errors.items() if error is not None},
        }
    )


async def apply_content(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    """What `az iot edge set-modules` calls."""
    content = check_content(request.json_object())
    if is_layered(content):
        message = "The content provided for configuration is invalid: one device's deployment cannot be layered."
        raise BadRequest(message, code="InvalidConfigurationContent")
    hub.deployments.set_modules(parameters["device"], content)
    return empty(204)
