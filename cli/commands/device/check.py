"""`edgeway device check`: how a device is, by its hub, and by its machine where that is a virtual one of the stack."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.command import Command
from cli.commands.device.agent import add_device, agent_answers
from cli.errors import CliError
from cli.screen import columns, wrapped
from cli.stack.environment import enter
from cli.stack.outputs import Outputs, outputs

if TYPE_CHECKING:  # both bring HTTP, which most commands do without
    from cli.devices.health import Finding
    from cli.devices.machine import VirtualMachine
    from cloud.iot_hub import IotHub

_UNREACHED = 3


def _options(parser: argparse.ArgumentParser) -> None:
    add_device(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import iot_hub
    from cli.devices.health import lines
    from cli.devices.machine import virtual_machine

    stack = outputs(arguments.stack)
    device = stack.device(arguments.id)
    machine = virtual_machine(stack, device)
    enter(arguments.stack)
    hub = iot_hub(stack.hub.host)
    findings = _of_hub(hub, device)
    found, reached = ([_nobodys(stack)], True) if machine is None else _of_machine(hub, device, machine)
    findings += found
    well = all(one.ok is not False for one in findings)
    if arguments.json:
        told = {"device": device, "ok": well, "findings": [asdict(one) for one in findings]}
        print(json.dumps(told, indent=2))
    else:
        rows = lines(device, findings)
        print("\n".join(shown for row in rows for shown in wrapped(row, columns(), indent=" " * 17)))
    return (0 if well else 1) if reached else _UNREACHED


def _of_hub(hub: IotHub, device: str) -> list[Finding]:
    from cli.azure import answers
    from cli.devices.health import of_hub
    from cloud.arrival import EDGE_AGENT, arrival_at_device

    try:
        with agent_answers(hub, device):
            hub.ping_agent(device)
        silence = ""
    except CliError as error:
        if error.exit_code != _UNREACHED:
            raise
        silence = str(error)
    with answers(hub.host, f"device {device!r}"):
        since = hub.agent_connected_since(device)
        return list(of_hub(silence, since, arrival_at_device(hub.module_twin(device, EDGE_AGENT))))


def _of_machine(hub: IotHub, device: str, machine: VirtualMachine) -> tuple[list[Finding], bool]:
    """And whether the machine could be asked."""
    from cli.devices.health import Finding, of_machine, report_of
    from edge.machine import commands

    try:
        report = report_of(machine.run(commands.report()))
    except CliError as error:
        return [Finding(about="machine", ok=False, told=str(error)), *_of_key(hub, device, machine, None)], False
    if report is None:
        return [Finding(about="machine", ok=False, told="it ran the command, and gave no report")], True
    return [*of_machine(report), *_of_key(hub, device, machine, report)], True


def _of_key(hub: IotHub, device: str, machine: VirtualMachine, report: Any) -> list[Finding]:
    """Left open for who may not read the vault."""
    from cli.azure import LIMITS
    from cli.devices.health import Finding, of_key
    from cloud.errors import ServiceError, is_missing
    from cloud.iot_hub import device_keys
    from cloud.machines.key_vault import KeyVault
    from cloud.operation import Waiting

    try:
        kept = KeyVault(Waiting(), machine.vault, LIMITS).secret(machine.secret).value
        return [of_key(kept, device_keys(hub, device), report)]
    except ServiceError as error:
        if is_missing(error):
            told = f"the vault has none ({error.what}): `up` puts it there again, the machine works with what it had"
            return [Finding(about="key", ok=False, told=told)]
        return [Finding(about="key", ok=None, told=f"not compared with the vault's: {error.brief} for {error.what}")]


def _nobodys(stack: Outputs) -> Finding:
    from cli.devices.health import Finding

    if stack["environment"] == "local":
        told = "there is none: the local stack runs the device's modules beside others on this machine"
    else:
        told = "it is its owner's: `sudo iotedge check`, `iotedge list` and `iotedge system status` there say more"
    return Finding(about="machine", ok=None, told=told)


COMMAND = Command(
    name="check",
    help="how a device is: its agent, its deployment, and its machine",
    description="Asks the hub (does the agent answer, since when is it connected, is its deployment carried out), and "
    "by Azure's run-command the machine of a device with host: vm: units of systemd, what its own program said last, "
    "disks, `iotedge list`, `iotedge check`, and whether its key is the vault's. A machine of somebody's own cannot be "
    "asked from here. Exits with 1 where something is not well, with 3 where the machine was not reached.",
    add_options=_options,
    run=run,
)
