"""Queries over REST.

https://learn.microsoft.com/rest/api/iothub/service/query/get-twins
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.http import Request, Response, json_response
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest
from standin.iothub.query.parser import parse_query
from standin.iothub.query.selection import page, rows
from standin.iothub.query.syntax import Select
from standin.iothub.query.tokens import QuerySyntaxError
from standin.iothub.rest.parameters import page_size


async def query(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    text = request.json_object().get("query")
    if not isinstance(text, str):
        raise BadRequest(f"query is {type(text).__name__}, allowed is a string")
    try:
        parsed = parse_query(text)
        found = rows(parsed, documents(hub, parsed))
    except QuerySyntaxError as error:
        raise BadRequest(f"The query {text!r} is not valid: {error}", code="IotHubFormatError") from error
    size = page_size(request)
    try:
        part = page(found, size=size, continuation=request.headers.get("x-ms-continuation"))
    except ValueError as error:
        raise BadRequest(f"x-ms-continuation: {error}") from error
    headers = {"x-ms-item-type": "Raw" if parsed.columns else "Twin"}
    if part.continuation is not None:
        headers["x-ms-continuation"] = part.continuation
    return json_response(part.items, headers=headers)


def documents(hub: Hub, parsed: Select) -> list[Mapping[str, Any]]:
    """The collection that a query looks at, in a fixed order, so that pages fit together."""
    devices = hub.devices
    if parsed.source == "devices":
        return [hub.document(device) for device in devices]
    return [hub.document(device, identity.module) for device in devices for identity in hub.modules(device)]


def count(hub: Hub, text: str) -> int:
    """How many rows a configuration's metric has; it was checked when the configuration was put."""
    parsed = parse_query(text)
    return len(rows(parsed, documents(hub, parsed)))
