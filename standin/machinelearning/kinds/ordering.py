"""Orders in which lists of assets come. https://learn.microsoft.com/rest/api/azureml/model-versions/list"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from standin.core.arm import Resource
from standin.core.errors import BadRequest

_ORDERS: Mapping[str, Callable[[Resource], str]] = {
    "createdtime": lambda version: version.created_at,
    "modifiedtime": lambda version: version.changed_at,
}


def ordered(found: Sequence[Resource], order: str | None) -> Sequence[Resource]:
    """`createdtime` or `modifiedtime`, `asc` or `desc`."""
    name, _, way = (order or "createdtime desc").lower().strip().partition(" ")
    if name not in _ORDERS or way.strip() not in ("", "asc", "desc"):
        allowed = " or ".join(_ORDERS)
        raise BadRequest(f"$orderBy is {order!r}; allowed: {allowed}, with asc or desc.", code="UserError")
    return sorted(found, key=_ORDERS[name], reverse=way.strip() == "desc")
