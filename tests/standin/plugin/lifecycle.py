"""A resource of the plugin as tests check and create it."""

from __future__ import annotations

from typing import Any

from tests.standin.plugin.conftest import TinyAccount, operation, resource
from tests.standin.plugin.sample_ids import GROUP
from tests.standin.plugin.typed import arguments

HUB = "iothub:IotHubResource"
CONTAINERS = "containerinstance:ContainerGroup"
HUB_ID = f"{GROUP}/providers/Microsoft.Devices/IotHubs/iot"


def checked(account: TinyAccount, token: str, **changed: Any) -> dict[str, Any]:
    inputs, failures = resource(account, token).check(operation(token), {}, {**arguments()[token], **changed})
    assert failures == []
    return inputs


def create(account: TinyAccount, token: str = HUB, **changed: Any) -> tuple[str, dict[str, Any]]:
    return resource(account, token).create(operation(token), checked(account, token, **changed))
