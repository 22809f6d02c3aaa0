"""A device-to-cloud message on its way into a hub's event log.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class D2CMessage:
    """`system` holds the properties that IoT Hub knows (messageId, correlationId, userId, contentType, contentEncoding,
    ...), `properties` the application's own."""

    body: bytes
    system: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
