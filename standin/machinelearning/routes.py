"""The tables of a region's operations: beside ARM, and in it."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.core.obeys import obeys
from standin.machinelearning.handlers import RegionHandlers, UploadHandlers, discovery

ROUTES: Sequence[Route] = (Route("GET", "/discovery", discovery),)

_WORKSPACE = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices"
    "/workspaces/{workspace}"
)
_REGION = "/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{location}"


def arm_routes(region: RegionHandlers, uploads: UploadHandlers) -> Sequence[Route]:
    return (
        Route("GET", f"{_REGION}/usages", region.usages),
        Route("GET", f"{_REGION}/vmSizes", region.sizes),
        Route(
            "POST",
            f"{_WORKSPACE}/codes/{{code}}/versions/{{version}}/startPendingUpload",
            uploads.begin,
            obeys=obeys(fields="pendingUploadType"),
        ),
    )
