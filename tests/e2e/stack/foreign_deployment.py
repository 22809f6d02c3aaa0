"""A deployment that somebody else puts on a device: `python -m tests.e2e.stack.foreign_deployment HOST DEVICE up|down`.

It takes the device's sensor, and gives it a setting that it refuses: the module ends as often as it is started. Runs in
the stack's environment, with Microsoft's SDK.
"""

from __future__ import annotations

import sys
from typing import Any

from tests.e2e.stack.hub_clients import configurations_of, registry_of

NAME = "somebody-elses"
PRIORITY = 9000


def put(manager: Any, agent: dict[str, Any], device: str) -> None:
    from azure.iot.hub import models  # type: ignore[import-untyped]

    sensor = {**agent["properties"]["desired"]["modules"]["sensor"], "env": {"MessageCount": {"value": "plenty"}}}
    content = {"$edgeAgent": {"properties.desired.modules.sensor": sensor}}
    manager.create_configuration(
        models.Configuration(
            id=NAME,
            schema_version="2.0",
            content=models.ConfigurationContent(modules_content=content),
            target_condition=f"deviceId = '{device}'",
            priority=PRIORITY,
        )
    )


def main(host: str, device: str, word: str) -> None:
    manager = configurations_of(host)
    if word == "down":
        manager.delete_configuration(NAME, '"*"')
        return
    put(manager, registry_of(host).protocol.modules.get_twin(device, "$edgeAgent", raw=True).response.json(), device)


if __name__ == "__main__":
    main(*sys.argv[1:])
