"""A message as the built-in endpoint delivers it: with what IoT Hub says about its sender.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from standin.iothub.amqp.messages import Message, encode_message
from standin.iothub.amqp.types import Timestamp
from standin.iothub.events.log import OFFSET_STEP
from standin.iothub.events.message import D2CMessage
from standin.iothub.registry.identity import Identity

_SYSTEM = {
    "messageId": "message-id",
    "correlationId": "correlation-id",
    "userId": "user-id",
    "contentType": "content-type",
    "contentEncoding": "content-encoding",
    "to": "to",
}


def encoder(message: D2CMessage, sender: Identity) -> Callable[[int, int], bytes]:
    """System properties that only mean something on the device (inputName, outputName) stay there."""
    properties = {_SYSTEM[name]: value for name, value in message.system.items() if name in _SYSTEM and value}
    annotations = _sender(sender)

    def encode(sequence: int, enqueued_ms: int) -> bytes:
        enqueued = Timestamp(enqueued_ms)
        placed: dict[str, Any] = {
            "x-opt-sequence-number": sequence,
            "x-opt-offset": str(sequence * OFFSET_STEP),
            "x-opt-enqueued-time": enqueued,
            "x-opt-partition-key": sender.device,
            "iothub-enqueuedtime": enqueued,
        }
        return encode_message(
            Message(
                annotations=placed | annotations,
                properties=properties,
                application=message.properties,
                data=message.body,
            )
        )

    return encode


def _sender(sender: Identity) -> dict[str, Any]:
    scope = "device" if sender.module is None else "module"
    method = {"scope": scope, "type": "sas", "issuer": "iothub", "acceptingIpFilterRule": None}
    annotations: dict[str, Any] = {"iothub-connection-device-id": sender.device}
    if sender.module is not None:
        annotations["iothub-connection-module-id"] = sender.module
    return annotations | {
        "iothub-connection-auth-method": json.dumps(method, separators=(",", ":")),
        "iothub-connection-auth-generation-id": sender.generation_id,
        "iothub-message-source": "Telemetry",
    }
