"""`edgeway device status`: the four-part truth per device and module.

Applied, the desired version seen, code 200, running with the wanted image:
https://github.com/Azure/iotedge/blob/main/doc/reported_states_during_deployment.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Refused
from cli.hub_service import HubService
from cli.stack.environment import enter
from cli.stack.outputs import outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleStatus:
    module: str
    wanted_image: str
    image: str | None
    wanted: str
    state: str
    description: str
    restarts: int
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    device: str
    applied: list[str]
    targeted: list[str]
    desired_version: int | None
    seen_version: int | None
    code: int | None
    description: str
    modules: list[ModuleStatus]
    ok: bool
    reason: str


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("id", nargs="?", metavar="ID", help="all devices of the stack by default")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    from edge.manifest import AGENT

    stack = outputs(arguments.stack)
    devices = sorted(stack["devices"])
    if arguments.id is not None and arguments.id not in devices:
        raise Refused(f"device {arguments.id!r} is not in the stack; there are: {', '.join(devices) or 'none'}")
    enter(arguments.stack)
    service = HubService(stack.hub.host)
    asked_for = devices if arguments.id is None else [arguments.id]
    statuses = [status_of(device, service.twin(device, AGENT)) for device in asked_for]
    if arguments.json:
        print(json.dumps([asdict(status) for status in statuses], indent=2))
    else:
        print("\n".join(line for status in statuses for line in lines(status)))
    return 0 if all(status.ok for status in statuses) else 1


def status_of(device: str, twin: Mapping[str, Any]) -> DeviceStatus:
    properties = twin.get("properties") or {}
    desired, reported = properties.get("desired") or {}, properties.get("reported") or {}
    standings = {name: entry.get("status") for name, entry in (twin.get("configurations") or {}).items()}
    answer = reported.get("lastDesiredStatus") or {}
    modules = _modules(desired, reported)
    applied = sorted(name for name, standing in standings.items() if standing == "Applied")
    reasons = [
        "" if applied else "no deployment is applied",
        "" if reported.get("lastDesiredVersion") == desired.get("$version") else "the newest version is not seen yet",
        "" if answer.get("code") == 200 else f"the agent reports {answer.get('code')}",
        "" if all(module.ok for module in modules) else "a module does not run as wanted",
    ]
    return DeviceStatus(
        device=device,
        applied=applied,
        targeted=sorted(standings.keys() - set(applied)),
        desired_version=desired.get("$version"),
        seen_version=reported.get("lastDesiredVersion"),
        code=answer.get("code"),
        description=str(answer.get("description") or ""),
        modules=modules,
        ok=not any(reasons),
        reason="; ".join(filter(None, reasons)),
    )


def _modules(desired: Mapping[str, Any], reported: Mapping[str, Any]) -> list[ModuleStatus]:
    modules = []
    for section in ("systemModules", "modules"):
        actual = reported.get(section) or {}
        for name, wanted in sorted((desired.get(section) or {}).items()):
            if isinstance(wanted, Mapping):
                modules.append(_module(name, wanted, actual.get(name) or {}))
    return modules


def _module(name: str, wanted: Mapping[str, Any], actual: Mapping[str, Any]) -> ModuleStatus:
    wanted_image = str((wanted.get("settings") or {}).get("image", ""))
    image = (actual.get("settings") or {}).get("image")
    state, expected = str(actual.get("runtimeStatus", "not reported")), str(wanted.get("status", "running"))
    return ModuleStatus(
        module=name,
        wanted_image=wanted_image,
        image=image,
        wanted=expected,
        state=state,
        description=str(actual.get("statusDescription") or ""),
        restarts=int(actual.get("restartCount") or 0),
        ok=state == expected and image == wanted_image,
    )


def lines(status: DeviceStatus) -> list[str]:
    head = f"{status.device}: {'as wanted' if status.ok else status.reason}"
    seen = f"version {status.seen_version} of {status.desired_version}, code {status.code} {status.description}"
    rows = [
        f"  {'ok ' if module.ok else 'NOT'} {module.module:<12} {module.state:<13} {module.image or '-'}"
        + (f" (wanted {module.wanted_image})" if module.image not in (None, module.wanted_image) else "")
        + (f" restarts {module.restarts}" if module.restarts else "")
        + (f" {module.description}" if module.description and not module.ok else "")
        for module in status.modules
    ]
    return [head, f"  deployments {', '.join(status.applied) or 'none'}; {seen}".rstrip(), *rows]


COMMAND = Command(
    name="status",
    help="what each device runs, and whether that is what it should run",
    description="Per device and module: deployment applied, version seen, code 200, running with the wanted image. "
    "Exits with 1 when one of them does not hold.",
    add_options=_options,
    run=run,
)
