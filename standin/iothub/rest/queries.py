"""Queries over REST.

https://learn.microsoft.com/rest/api/iothub/service/query/get-twins
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.http import Request, Response, json_response
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest
from standin.iothub.query.parser import parse_query
from standin.iothub.query.selection import page
from standin.iothub.query.tokens import QuerySyntaxError
from standin.iothub.rest.parameters import page_size


async def query(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    text = request.json_object().get("query")
    if not isinstance(text, str):
        raise BadRequest(f"query is {type(text).__name__}, allowed is a string")
    try:
        parsed = parse_query(text)
        items = hub.queries.rows(parsed)
    except QuerySyntaxError as error:
        raise BadRequest(f"The query {text!r} is not valid: {error}", code="ArgumentInvalid") from error
    size = page_size(request)
    try:
        part = page(items, size=size, continuation=request.headers.get("x-ms-continuation"))
    except ValueError as error:
        raise BadRequest(f"x-ms-continuation: {error}") from error
    whole = "DeviceJob" if parsed.source == "devices.jobs" else "Twin"
    headers = {"x-ms-item-type": "Raw" if parsed.columns else whole}
    if part.continuation is not None:
        headers["x-ms-continuation"] = part.continuation
    return json_response(part.items, headers=headers)
