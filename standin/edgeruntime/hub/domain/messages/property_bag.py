"""The text form of a message's properties: `%24.mid=1&%24.ct=text%2Fplain&model=a`. IoT Hub's clients write it into a
topic, and messages are stored with it; a protocol that has another form makes this of it.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Edge.Hub.Core/SystemProperties.cs
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, quote

SYSTEM_NAMES = {
    "$.mid": "messageId",
    "$.cid": "correlationId",
    "$.uid": "userId",
    "$.to": "to",
    "$.exp": "absolute-expiry-time",
    "$.on": "outputName",
    "$.ct": "contentType",
    "$.ce": "contentEncoding",
    "$.schema": "messageSchema",
    "$.ctime": "creationTime",
    "$.ifid": "iothub-interface-id",
    "$.sub": "dt-subject",
    "ack": "ack",
    "iothub-operation": "operation",
}
DEVICE, MODULE = "$.cdid", "$.cmid"
# What the hub itself says about a message; a client that sends these would speak for another module.
OWN_NAMES = frozenset({DEVICE, MODULE})
NOT_FORWARDED = OWN_NAMES | {"$.on", "$.mid"}


def decode_bag(bag: str) -> list[tuple[str, str]]:
    return parse_qsl(bag, keep_blank_values=True)


def encode_bag(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
