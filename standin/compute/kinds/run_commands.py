"""Commands that are resources of a machine. https://learn.microsoft.com/rest/api/compute/virtual-machine-run-commands

One runs when it is made, and again when it says something else: its own tags do not make it run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from standin.compute.commands import instance_view, parameters_of, reason, seconds_of
from standin.compute.errors import CommandFailed, InvalidParameter, NoExtensionsWhileStopped, NotRunning
from standin.compute.state import VirtualMachines
from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.errors import InvalidQueryParameter
from standin.core.clock import Clock, iso
from standin.core.obeys import Obeys, obeys

_MOST = 25
_RUN = ("source", "parameters", "protectedParameters", "timeoutInSeconds", "treatFailureAsDeploymentFailure")


class RunCommand(ResourceKind):
    type = "Microsoft.Compute/virtualMachines/runCommands"
    always_long = True
    system_data = False
    empty_tags = False
    write_only = ("properties.protectedParameters", "properties.runAsPassword")
    keeps = tuple(f"properties.{name}" for name in _RUN)
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.asyncExecution": (False,),
        "properties.source.commandId": (),
        "properties.source.scriptUri": (),
        "properties.source.galleryScriptReferenceId": (),
        "properties.source.scriptShell": ("Default",),
    }
    options: ClassVar[Mapping[str, Obeys]] = {"GET": obeys(query="$expand")}

    def __init__(self, arm: Arm, machines: VirtualMachines, clock: Clock) -> None:
        self._arm = arm
        self._machines = machines
        self._clock = clock

    async def check(self, new: Resource, old: Resource | None) -> None:
        source = new.properties.get("source")
        script = source.get("script") if isinstance(source, Mapping) else None
        if not isinstance(script, str) or not script.strip():
            raise InvalidParameter("Required parameter 'source' is missing: source.script is wanted.", "source")
        parameters_of(new.properties.get("parameters"))
        parameters_of(new.properties.get("protectedParameters"))
        seconds_of(new.properties.get("timeoutInSeconds"))
        machine = self._arm.require(new.parent_id)
        if old is None and len(self._arm.list(self.type, machine.id)) >= _MOST:
            raise InvalidParameter(f"A virtual machine has {_MOST} run commands at the most.", "runCommandName")
        if await self._machines.power(machine) != "running":
            raise NoExtensionsWhileStopped

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        if old is not None and not _says_something_else(resource, old):
            return
        says = resource.properties
        began = iso(self._clock.now())
        parameters = parameters_of(says.get("parameters")) | parameters_of(says.get("protectedParameters"))
        try:
            ran = await self._machines.run(
                self._arm.require(resource.parent_id),
                str(says["source"]["script"]),
                parameters,
                seconds_of(says.get("timeoutInSeconds")),
            )
        except NotRunning:
            raise NoExtensionsWhileStopped from None
        resource.private["view"] = instance_view(ran, began, iso(self._clock.now()))
        if ran.exit_code and says.get("treatFailureAsDeploymentFailure") is True:
            raise CommandFailed(resource.name, reason(ran))

    async def more(self, resource: Resource, query: Mapping[str, str]) -> Mapping[str, Any]:
        asked = query.get("$expand", "instanceView" if "$expand" in query else "")
        if asked and asked.lower() != "instanceview":
            raise InvalidQueryParameter("$expand", asked, "instanceView")
        return {"instanceView": resource.private.get("view", {})} if asked else {}


def _says_something_else(new: Resource, old: Resource) -> bool:
    """One that failed is tried again."""
    failed = old.properties.get("provisioningState") != "Succeeded"
    return failed or any(new.properties.get(name) != old.properties.get(name) for name in _RUN)
