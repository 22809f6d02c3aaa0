"""What a machine stands on, as its daemons and tools ask it at the address that Azure's host has beside every VM.

In Azure a machine's modules run in the machine. Here they run beside it, in the engine that the machine itself runs in:
its daemon says here that the hub has let it in, and asks here which modules there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.errors import BadRequest, NotFound
from standin.core.http import Request, Response, Route, Service, empty, json_response
from standin.core.obeys import obeys
from standin.machines.devices import Devices
from standin.machines.guest.fabric import HOST
from standin.machines.records import Record, Records
from standin.machines.running.docker_machines import DockerMachines

_LISTED = ("name", "status", "description", "image", "id")


class HostService(Service):
    hosts = (HOST,)
    throttles = False

    def __init__(self, records: Records, machines: DockerMachines, devices: Devices) -> None:
        self._records = records
        self._machines = machines
        self._devices = devices
        self.routes = (
            Route("PUT", "/machine/device", self._begin, obeys=obeys(fields="hub device token")),
            Route("DELETE", "/machine/device", self._end),
            Route("GET", "/machine/modules", self._modules),
        )

    async def _begin(self, request: Request, _: Mapping[str, str]) -> Response:
        record, given = self._record(request), request.json_object()
        wanted = [given.get(name) for name in ("hub", "device", "token")]
        if not all(isinstance(value, str) and value for value in wanted):
            raise BadRequest("hub, device and token are wanted, as texts")
        hub, device, token = (str(value) for value in wanted)
        await self._machines.device_on(record.vm_id, hub, device, token)
        return empty(204)

    async def _end(self, request: Request, _: Mapping[str, str]) -> Response:
        await self._machines.device_off(self._record(request).vm_id)
        return empty(204)

    async def _modules(self, request: Request, _: Mapping[str, str]) -> Response:
        device = self._record(request).device
        modules = [] if device is None else await self._devices.modules(*device)
        return json_response([{name: getattr(module, name) for name in _LISTED} for module in modules])

    def _record(self, request: Request) -> Record:
        record = self._records.get(request.machine)
        if record is None:
            raise NotFound(f"There is no {HOST} but beside a virtual machine.")
        return record
