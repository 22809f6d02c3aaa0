"""A module's message, and the property bag that rides in its MQTT topic (`%24.mid=1&%24.ct=text%2Fplain&model=a`).

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Edge.Hub.Core/SystemProperties.cs
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
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
# What the hub itself says about a message; a client that sends these would speak for another module.
OWN_NAMES = frozenset({"$.cdid", "$.cmid"})
NOT_FORWARDED = OWN_NAMES | {"$.on", "$.mid"}
CACHED_BAGS = 4096

_MESSAGE_ID = re.compile(r"(?:^|&)(?:%24|\$)\.mid=([^&]*)")
_JSON_ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}


class NotJson(Exception):
    """The body cannot be queried: content type or encoding is missing or not JSON's, or it does not parse."""


@dataclass(slots=True)
class Message:
    """`source` is what routes match: `/messages/modules/<m>[/outputs/<o>]` or `/twinChangeNotifications`."""

    source: str
    module: str
    system: dict[str, str]
    properties: dict[str, str]
    bag: str
    """The bag as it came, for the way upstream."""
    forwarded: str
    """The bag for the next module: sender named, output left out."""
    body: bytes
    _json: Any = None
    _parsed: bool = False

    def json(self) -> Any:
        if not self._parsed:
            encoding = _JSON_ENCODINGS.get(self.system.get("contentEncoding", "").lower())
            if self.system.get("contentType", "").lower() != "application/json" or encoding is None:
                raise NotJson("contentType must be application/json and contentEncoding utf-8, utf-16 or utf-32")
            try:
                self._json = json.loads(self.body.decode(encoding))
            except ValueError as problem:
                raise NotJson(f"the body is not JSON: {problem}") from problem
            self._parsed = True
        return self._json


@dataclass(frozen=True, slots=True)
class _Bag:
    source: str
    system: dict[str, str]
    properties: dict[str, str]
    forwarded: str


class MessageReader:
    """Turns (module, bag, body) into messages. Bags repeat but for the message id, so the rest is parsed once."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._bags: dict[tuple[str, str], _Bag] = {}

    def read(self, module: str, raw: str, body: bytes) -> Message:
        found = _MESSAGE_ID.search(raw)
        constant = raw if found is None else raw[: found.start()] + raw[found.end() :]
        bag = self._bags.get((module, constant))
        if bag is None:
            if len(self._bags) >= CACHED_BAGS:
                self._bags.clear()
            bag = self._bags[module, constant] = self._parse(module, constant)
        if found is None:
            return Message(bag.source, module, bag.system, bag.properties, raw, bag.forwarded, body)
        (_, message_id), *_ = parse_qsl("id=" + found[1], keep_blank_values=True)
        system = {**bag.system, "messageId": message_id}
        forwarded = f"{bag.forwarded}&%24.mid={quote(message_id, safe='')}"
        return Message(bag.source, module, system, bag.properties, raw, forwarded, body)

    def _parse(self, module: str, raw: str) -> _Bag:
        system = {"connectionDeviceId": self._device, "connectionModuleId": module}
        properties: dict[str, str] = {}
        kept = [("$.cdid", self._device), ("$.cmid", module)]
        for name, value in parse_qsl(raw, keep_blank_values=True):
            if name not in NOT_FORWARDED:
                kept.append((name, value))
            if name in SYSTEM_NAMES:
                system[SYSTEM_NAMES[name]] = value
            elif name not in OWN_NAMES:
                properties[name] = value
        output = system.get("outputName")
        source = f"/messages/modules/{module}/outputs/{output}" if output else f"/messages/modules/{module}"
        return _Bag(source, system, properties, encode_bag(kept))


def encode_bag(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
