"""An IoT Hub's service side: `client` asks it, `answers` says what it means by a refusal."""

from __future__ import annotations

from cloud.iot_hub.client import Configuration, Device, IotHub, connection_string

__all__ = ["Configuration", "Device", "IotHub", "connection_string"]
