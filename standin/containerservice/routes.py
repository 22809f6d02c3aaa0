"""What a region tells of its cores: an operation of Microsoft.Compute, whose machines nodes are."""

from __future__ import annotations

from collections.abc import Sequence

from standin.containerservice.handlers import UsageHandlers
from standin.core.http import Route


def arm_routes(handlers: UsageHandlers) -> Sequence[Route]:
    path = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/usages"
    return (Route("GET", path, handlers.usages),)
