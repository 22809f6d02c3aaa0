"""`edgeway device status`: per device and module, whether what is deployed has arrived (`cloud.arrival`), and what
scorers drop."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cli.arguments import add_stack
from cli.command import Command
from cli.rollout.drops import Drops, drops_of
from cli.screen import columns, wrapped
from cli.stack.environment import enter
from cli.stack.outputs import outputs
from cloud.arrival import EDGE_AGENT, Arrival, ModuleArrival, arrival_at_device
from cloud.errors import ServiceError, is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleStatus:
    module: str
    wanted_image: str
    image: str | None
    wanted: str
    state: str
    description: str
    restarts: int
    dropped: int
    """Messages that it could not score since it began."""
    dropped_reasons: dict[str, int]
    last_drop: str
    dropping: bool
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
    stack = outputs(arguments.stack)
    asked_for = sorted(stack["devices"]) if arguments.id is None else [stack.device(arguments.id)]
    enter(arguments.stack)
    statuses = [_asked(stack.hub.host, device) for device in asked_for]
    if arguments.json:
        print(json.dumps([asdict(status) for status in statuses], indent=2))
    else:
        rows = [row for status in statuses for line in lines(status) for row in line.split("\n")]
        print("\n".join(shown for row in rows for shown in wrapped(row, columns(), indent=" " * 6)))
    return 0 if all(status.ok for status in statuses) else 1


def _asked(host: str, device: str) -> DeviceStatus:
    from cli.azure import answers, iot_hub

    twin = iot_hub(host).module_twin
    with answers(host, f"device {device!r}"):
        arrival = arrival_at_device(twin(device, EDGE_AGENT))
        drops = {module.name: _drops(twin, device, module) for module in arrival.modules if not module.is_system}
    return status_of(device, arrival, {name: found for name, found in drops.items() if found})


def _drops(twin: Callable[[str, str], Mapping[str, Any]], device: str, module: ModuleArrival) -> Drops | None:
    try:
        return drops_of(twin(device, module.name))
    except ServiceError as error:
        if is_missing(error):  # the agent has not made it yet
            return None
        raise


def status_of(device: str, arrival: Arrival, drops: Mapping[str, Drops]) -> DeviceStatus:
    """`drops` is by module, of those that dropped any."""
    reasons = [
        "" if arrival.applied else "no deployment is applied",
        "" if arrival.has_seen_desired else "the newest version is not seen yet",
        "" if arrival.is_carried_out else f"the agent reports {arrival.code}",
        "" if arrival.runs_desired else "a module does not run as wanted",
        *(f"{name} drops messages" for name, found in sorted(drops.items()) if found.dropping),
    ]
    return DeviceStatus(
        device=device,
        applied=list(arrival.applied),
        targeted=list(arrival.targeted),
        desired_version=arrival.desired_version,
        seen_version=arrival.seen_version,
        code=arrival.code,
        description=arrival.description,
        modules=[_module(module, drops.get(module.name)) for module in arrival.modules],
        ok=not any(reasons),
        reason="; ".join(filter(None, reasons)),
    )


def _module(module: ModuleArrival, drops: Drops | None) -> ModuleStatus:
    return ModuleStatus(
        module=module.name,
        wanted_image=module.wanted_image or "",
        image=module.image,
        wanted=module.wanted_status,
        state=module.status,
        description=module.description,
        restarts=module.restarts,
        dropped=drops.count if drops else 0,
        dropped_reasons=dict(drops.reasons) if drops else {},
        last_drop=str(drops) if drops else "",
        dropping=bool(drops and drops.dropping),
        ok=module.has_arrived and not (drops and drops.dropping),
    )


def lines(status: DeviceStatus) -> list[str]:
    head = f"{status.device}: {'runs what is wanted' if status.ok else status.reason}"
    seen = f"version {status.seen_version} of {status.desired_version}, code {status.code} {status.description}"
    rows = [
        f"  {'ok ' if module.ok else 'NOT'} {module.module:<12} {module.state:<13} {module.image or '-'}"
        + (f" (wanted {module.wanted_image})" if module.image not in (None, module.wanted_image) else "")
        + (f" restarts {module.restarts}" if module.restarts else "")
        + (f" {module.description}" if module.description and not module.ok else "")
        + (f"\n      {module.last_drop}" if module.dropped else "")
        for module in status.modules
    ]
    return [head, f"  deployments {', '.join(status.applied) or 'none'}; {seen}".rstrip(), *rows]


COMMAND = Command(
    name="status",
    help="what each device runs, and whether that is what it should run",
    description="Per device and module: deployment applied, version seen, code 200, running with the wanted image, "
    "and not dropping messages. Exits with 1 when one of them does not hold. Whether messages of the models arrive is "
    "the question of `edgeway rollout wait`.",
    add_options=_options,
    run=run,
)
