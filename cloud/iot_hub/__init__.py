"""An IoT Hub's service side: `client` asks it, `agent` is what it asks devices, `answers` what a refusal means, `keys`
those of devices."""

from __future__ import annotations

from cloud.iot_hub.agent import AgentRefused
from cloud.iot_hub.client import Configuration, Device, IotHub, fresh_key
from cloud.iot_hub.keys import DeviceKeys, change_device_keys, device_keys, fingerprint

__all__ = [
    "AgentRefused", "Configuration", "Device", "DeviceKeys", "IotHub", "change_device_keys", "device_keys",
    "fingerprint", "fresh_key",
]  # fmt: skip
