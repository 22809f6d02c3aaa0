"""https://learn.microsoft.com/rest/api/compute/usage/list"""

from __future__ import annotations

from collections.abc import Mapping

from standin.containerservice.quotas import Cores
from standin.core.arm.ids import location_name
from standin.core.http import Request, Response, json_response


class UsageHandlers:
    def __init__(self, cores: Cores) -> None:
        self._cores = cores

    async def usages(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return json_response({"value": self._cores.usages(location_name(parameters["location"]))})
