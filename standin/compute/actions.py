"""What is done to a machine that is there: power, commands, and what it has printed.

https://learn.microsoft.com/rest/api/compute/virtual-machines
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.compute.commands import LONGEST_SECONDS, posted, result
from standin.compute.errors import NoBootDiagnostics
from standin.compute.profiles import boot_diagnostics
from standin.compute.serial_logs import SerialLogs
from standin.compute.state import VirtualMachines
from standin.core.arm import ActionHandler, Resource
from standin.core.arm.lists import flag
from standin.core.http import Request, Response, empty, json_response


class MachineActions:
    def __init__(self, machines: VirtualMachines, logs: SerialLogs) -> None:
        self._machines = machines
        self._logs = logs

    def by_name(self) -> Mapping[str, ActionHandler]:
        return {
            "deallocate": self._deallocate,
            "powerOff": self._power_off,
            "restart": self._restart,
            "retrieveBootDiagnosticsData": self._boot_diagnostics,
            "runCommand": self._run_command,
            "start": self._start,
            "GET instanceView": self._instance_view,
        }

    async def _start(self, machine: Resource, request: Request, _: Mapping[str, str]) -> Response:
        await self._machines.start(machine)
        return empty()

    async def _power_off(self, machine: Resource, request: Request, _: Mapping[str, str]) -> Response:
        """Its cores stay its own, and it costs on."""
        flag(request.query, "skipShutdown")
        await self._machines.stop(machine, "stopped")
        return empty()

    async def _deallocate(self, machine: Resource, request: Request, _: Mapping[str, str]) -> Response:
        await self._machines.stop(machine, "deallocated")
        return empty()

    async def _restart(self, machine: Resource, request: Request, _: Mapping[str, str]) -> Response:
        await self._machines.restart(machine)
        return empty()

    async def _instance_view(self, machine: Resource, request: Request, _: Mapping[str, str]) -> Response:
        return json_response(await self._machines.view(machine))

    async def _run_command(self, machine: Resource, request: Request, _: Mapping[str, str]) -> Response:
        script, parameters = posted(request.json_object())
        return json_response(result(await self._machines.run_alone(machine, script, parameters, LONGEST_SECONDS)))

    async def _boot_diagnostics(self, machine: Resource, request: Request, _: Mapping[str, str]) -> Response:
        if not boot_diagnostics(machine):
            raise NoBootDiagnostics(machine.id)
        return json_response(self._logs.addresses(machine, request.query.get("sasUriExpirationTimeInMinutes")))
