"""Where a client of a workspace finds its other addresses, and what a region offers."""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.arm.ids import location_name
from standin.core.http import Request, Response, json_response
from standin.machinelearning.kinds.quotas import Quotas
from standin.machinelearning.kinds.sizes import SIZES


async def discovery(request: Request, _: Mapping[str, str]) -> Response:
    base = f"https://{request.host}"
    return json_response({"api": base, "history": base, "experimentation": base, "studio": "https://ml.azure.com"})


class RegionHandlers:
    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas

    async def usages(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return json_response({"value": self._quotas.usages(location_name(parameters["location"]))})

    async def sizes(self, request: Request, _: Mapping[str, str]) -> Response:
        """The same in each region."""
        return json_response({"value": [size.shown() for size in SIZES]})
