"""An IoT Hub's service side: `client` asks it, `agent` is what it asks devices, `answers` what a refusal means."""

from __future__ import annotations

from cloud.iot_hub.agent import AgentRefused
from cloud.iot_hub.client import Configuration, Device, IotHub, connection_string

__all__ = ["AgentRefused", "Configuration", "Device", "IotHub", "connection_string"]
