"""Has a deployment arrived? The four-part test, since code 200 alone means only that the agent carried out its plan.

A device is done when the configuration is Applied, the agent reports the version that is desired, with code 200, and
each of the modules runs with the image that is wanted.
https://github.com/Azure/iotedge/blob/main/doc/reported_states_during_deployment.md
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from edge.manifest import AGENT, module_names
from infra.provider.hub import Hub
from infra.provider.progress import Progress
from pluginbase.resource import Ctx, Gone

_POLL_SECONDS = 1.0
_TARGETS_SECONDS = 20.0


def wait_for_rollout(
    ctx: Ctx, hub: Hub, configuration_id: str, content: Mapping[str, Any], condition: str, limit_s: float
) -> list[str]:
    """Why it has not arrived within the limit, device by device; empty when it has."""
    modules = module_names(content)
    progress = Progress(ctx)
    deadline = time.monotonic() + limit_s
    targets, looked = hub.devices_where(condition), time.monotonic()
    while True:
        pending = {device: reason for device in targets if (reason := _pending(hub, device, configuration_id, modules))}
        if not pending:
            ctx.log(_done(targets, configuration_id))
            return []
        if time.monotonic() > deadline:
            return [f"device {device!r}: {reason}" for device, reason in pending.items()]
        device, reason = next(iter(pending.items()))
        progress.tell(f"{len(targets) - len(pending)} of {len(targets)} devices run it; {device}: {reason}")
        ctx.wait(_POLL_SECONDS)
        if time.monotonic() - looked > _TARGETS_SECONDS:
            targets, looked = hub.devices_where(condition), time.monotonic()


def _done(targets: Sequence[str], configuration_id: str) -> str:
    if not targets:
        return f"{configuration_id} targets no device yet"
    return f"{configuration_id} runs on {len(targets)} device{'s' if len(targets) > 1 else ''}: {', '.join(targets)}"


def _pending(hub: Hub, device: str, configuration_id: str, modules: Sequence[str]) -> str | None:
    try:
        twin = hub.module_twin(device, AGENT)
    except Gone:
        return "it has no $edgeAgent"
    return pending(twin, configuration_id, modules)


def pending(twin: Mapping[str, Any], configuration_id: str, modules: Sequence[str]) -> str | None:
    """What the device's $edgeAgent twin still lacks; None when all four parts hold."""
    standing = (twin.get("configurations") or {}).get(configuration_id, {}).get("status", "not targeted")
    if modules and str(standing).lower() != "applied":
        return f"the deployment is {standing}, Applied is wanted"
    properties = twin.get("properties") or {}
    desired, reported = properties.get("desired") or {}, properties.get("reported") or {}
    if reported.get("lastDesiredVersion") != desired.get("$version"):
        seen = reported.get("lastDesiredVersion", "none")
        return f"the agent has seen version {seen} of {desired.get('$version')}"
    status = reported.get("lastDesiredStatus") or {}
    if status.get("code") != 200:
        return f"the agent reports {status.get('code')} {status.get('description') or ''}".rstrip()
    wanted = desired.get("modules") or {}
    for module in modules:
        reason = _module_pending(module, wanted.get(module), (reported.get("modules") or {}).get(module))
        if reason:
            return reason
    return None


def _module_pending(name: str, wanted: Any, actual: Any) -> str | None:
    if wanted is None:
        return None  # a higher layer decided otherwise
    actual = actual or {}
    state = actual.get("runtimeStatus", "not reported")
    expected = wanted.get("status", "running")
    if state != expected:
        more = actual.get("statusDescription")
        return f"module {name!r} is {state}{f' ({more})' if more else ''}, {expected} is wanted"
    image, found = (wanted.get("settings") or {}).get("image"), (actual.get("settings") or {}).get("image")
    return f"module {name!r} runs {found}, {image} is wanted" if image != found else None
