"""What a device's hub has to know before it can serve without the cloud: identities with their keys, and twins."""

from __future__ import annotations

from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.iothub_port import EDGE_AGENT_MODULE, Hub, Identity


def state_frame(hub: Hub, device: str) -> Frame:
    owner = hub.identity(device)
    modules = hub.modules(device)
    enabled = owner is not None and owner.enabled
    return {
        "type": "state",
        "identities": [_identity(one, enabled=enabled and one.enabled) for one in modules],
        "twins": {
            one.module: _twin(hub, device, one.module)
            for one in modules
            if one.module and one.module != EDGE_AGENT_MODULE
        },
    }


def _identity(module: Identity, *, enabled: bool) -> Frame:
    return {
        "module": module.module,
        "generation_id": module.generation_id,
        "primary_key": module.primary_key,
        "secondary_key": module.secondary_key,
        "enabled": enabled,
    }


def _twin(hub: Hub, device: str, module: str) -> Frame:
    twin = hub.twin(device, module)
    return {"desired": twin.desired, "reported": twin.reported}
