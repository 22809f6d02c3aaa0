"""Handlers of `/_standin/devices`: what a person does to a device with his hands."""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.faults import Faults
from standin.core.http import Request, Response, json_response
from standin.edgeruntime.errors import BadSwitch
from standin.edgeruntime.fleet import Fleet


class Handlers:
    def __init__(self, fleet: Fleet, faults: Faults) -> None:
        self._fleet = fleet
        self._faults = faults

    async def list(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return json_response(self._fleet.describe())

    async def show(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return json_response(self._fleet.device(parameters["hub"], parameters["device"]).describe())

    async def power(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """{"power": "on"}, {"power": "off"} (the plug is pulled), {"power": "off", "orderly": true}."""
        device = self._fleet.device(parameters["hub"], parameters["device"])
        body = request.json_object()
        orderly = body.get("orderly", False)
        if not isinstance(orderly, bool):
            raise BadSwitch(f"orderly is {orderly!r}; allowed: true, false")
        await device.power(_switch(body, "power", on="on", off="off"), orderly=orderly)
        return json_response(device.describe())

    async def cut(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """{"upstream": "cut"}, {"upstream": "on"}."""
        device = self._fleet.device(parameters["hub"], parameters["device"])
        if _switch(request.json_object(), "upstream", on="on", off="cut"):
            self._faults.restore(parameters["device"])
        else:
            self._faults.cut(parameters["device"])
        return json_response(device.describe())


def _switch(body: Mapping[str, object], name: str, *, on: str, off: str) -> bool:
    value = body.get(name)
    if value not in (on, off):
        raise BadSwitch(f"{name} is {value!r}; allowed: {on!r}, {off!r}")
    return value == on
