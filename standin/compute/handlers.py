"""Requests for what a region has, and for what a machine has printed."""

from __future__ import annotations

from collections.abc import Mapping

from standin.compute.offers import skus
from standin.compute.serial_logs import SerialLogs
from standin.compute.state import VirtualMachines
from standin.core.arm.ids import location_name
from standin.core.http import Request, Response, json_response
from standin.cores import Quota


class OfferHandlers:
    def __init__(self, quota: Quota) -> None:
        self._quota = quota

    async def usages(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return json_response({"value": self._quota.usages(location_name(parameters["location"]))})

    async def skus(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response({"value": skus(request.query.get("$filter"))})


class LogHandlers:
    def __init__(self, machines: VirtualMachines, logs: SerialLogs) -> None:
        self._machines = machines
        self._logs = logs

    async def log(self, request: Request, _: Mapping[str, str]) -> Response:
        machine = self._logs.machine_of(request.host, request.path, request.query)
        text = await self._machines.serial_log(machine)
        return Response(body=text, headers={"content-type": "application/octet-stream", "x-ms-blob-type": "PageBlob"})
