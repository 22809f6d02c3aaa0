"""The tables of a region's operations: beside ARM, and in it."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.machinelearning.handlers import RegionHandlers, discovery

ROUTES: Sequence[Route] = (Route("GET", "/discovery", discovery),)

_REGION = "/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{location}"


def arm_routes(region: RegionHandlers) -> Sequence[Route]:
    return (Route("GET", f"{_REGION}/usages", region.usages), Route("GET", f"{_REGION}/vmSizes", region.sizes))
