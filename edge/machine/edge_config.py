"""config.toml of aziot-edge, from typed values: `iotedge config apply` ignores a member that it does not know.

https://github.com/Azure/iotedge/blob/main/edgelet/contrib/config/linux/template.toml
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EDGE_CA_DAYS = 365
"""Of a CA that nobody set up: IoT Edge's own default is 90, so that every module restarts each 72 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeConfig:
    hub_host: str
    device_id: str
    key_file: str
    """On the machine: the key's bytes, which aziotks alone can read."""
    agent_image: str
    hostname: str | None = None
    """None: what the machine is called, which `iotedge check` wants. Modules find the edge hub under it."""
    edge_ca_days: int = EDGE_CA_DAYS
    elevated: bool = True
    """Whether a module may be privileged or have capabilities added; without it the agent drops both."""


def config_toml(config: EdgeConfig, made_by: str) -> str:
    head = {"hostname": config.hostname} if config.hostname else {}
    elevated = {} if config.elevated else {"allow_elevated_docker_permissions": False}
    tables: Mapping[str, Mapping[str, Any]] = {
        "provisioning": {
            "source": "manual",
            "iothub_hostname": config.hub_host,
            "device_id": config.device_id,
        },
        "provisioning.authentication": {
            "method": "sas",
            "device_id_pk": {"uri": f"file://{config.key_file}"},
        },
        # The device signs its modules' certificates with a CA that it makes itself. At 80 % of that CA's life it makes
        # another, and restarts every module.
        "edge_ca": {"auto_generated_edge_ca_expiry_days": config.edge_ca_days},
        "image_garbage_collection": {
            "enabled": True,
            "cleanup_recurrence": "1d",  # whole days, nothing else
            "image_age_cleanup_threshold": "7d",
            "cleanup_time": "03:00",
        },
        "agent": {"name": "edgeAgent", "type": "docker", "imagePullPolicy": "on-create"},
        "agent.config": {"image": config.agent_image},
    }
    blocks = ["\n".join(_lines({**head, **elevated}))] if head or elevated else []
    blocks += ["\n".join([f"[{name}]", *_lines(values)]) for name, values in tables.items()]
    return "\n\n".join([f"# Made by {made_by}. The key is in a file of its own.", *blocks]) + "\n"


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        yield f"{name} = {_toml(value)}"


def _toml(value: Any) -> str:
    """What TOML shares with JSON, and its inline tables."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_lines(value))} }}"
    return json.dumps(value)
