"""What a request's path, query and headers say: which identity, and how many items at most.

https://learn.microsoft.com/rest/api/iothub/service/query/get-twins
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.http import Request
from standin.core.numbers import whole_number
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest
from standin.iothub.query.selection import PAGE_LIMIT


def target(hub: Hub, parameters: Mapping[str, str]) -> tuple[str, str | None]:
    """-> device and module. Raises the device's 404 before the module's."""
    device, module = parameters["device"], parameters.get("module")
    hub.registry.get(device)
    return device, module


def top_of(request: Request, limit: int) -> int:
    """`top`, or its older spelling `maxCount`."""
    text = request.query.get("top", request.query.get("maxCount", str(limit)))
    number = whole_number(text)
    if not number:
        raise BadRequest(f"top is {text!r}, allowed are whole numbers from 1 to {limit}")
    return min(number, limit)


def page_size(request: Request) -> int:
    text = request.headers.get("x-ms-max-item-count", str(PAGE_LIMIT))
    number = whole_number(text)
    if not number:
        raise BadRequest(f"x-ms-max-item-count is {text!r}, allowed are whole numbers from 1 to {PAGE_LIMIT}")
    return number
