"""Waits until a deployment has arrived at the devices that it targets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from cloud.arrival import EDGE_AGENT, arrival_at_device
from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import IotHub
from cloud.wording import counted
from edge.manifest import module_names
from infra.provider.progress import Progress
from pluginbase.resource import OperationContext

_POLL_SECONDS = 1.0
_TARGETS_SECONDS = 20.0


def wait_for_rollout(
    ctx: OperationContext,
    hub: IotHub,
    configuration_id: str,
    content: Mapping[str, Any],
    condition: str,
    limit_seconds: float,
) -> list[str]:
    """Why it has not arrived within the limit, device by device; empty when it has."""
    modules = module_names(content)
    progress = Progress(ctx)
    deadline = time.monotonic() + limit_seconds
    targets, looked = hub.edge_devices_where(condition), time.monotonic()
    while True:
        pending = {device: reason for device in targets if (reason := _pending(hub, device, configuration_id, modules))}
        if not pending:
            ctx.log(_done(targets, configuration_id))
            return []
        if time.monotonic() > deadline:
            return [f"device {device!r}: {reason}" for device, reason in pending.items()]
        device, reason = next(iter(pending.items()))
        ready = len(targets) - len(pending)
        progress.tell(f"{ready} of {counted(len(targets), 'device')} run{'s' * (ready == 1)} it; {device}: {reason}")
        ctx.wait(_POLL_SECONDS)
        if time.monotonic() - looked > _TARGETS_SECONDS:
            targets, looked = hub.edge_devices_where(condition), time.monotonic()


def _done(targets: Sequence[str], configuration_id: str) -> str:
    if not targets:
        return f"{configuration_id} targets no device yet"
    return f"{configuration_id} runs on {len(targets)} device{'s' if len(targets) > 1 else ''}: {', '.join(targets)}"


def _pending(hub: IotHub, device: str, configuration_id: str, modules: Sequence[str]) -> str | None:
    try:
        twin = hub.module_twin(device, EDGE_AGENT)
    except ServiceError as error:
        if is_missing(error):
            return "it has no $edgeAgent"
        raise
    return arrival_at_device(twin).lack(configuration_id, modules)
