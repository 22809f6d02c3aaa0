"""Messages, read from (module, property bag, body). Bags repeat but for the message id, so the rest is parsed once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.messages.property_bag import (
    DEVICE,
    MODULE,
    NOT_FORWARDED,
    OWN_NAMES,
    SYSTEM_NAMES,
    decode_bag,
    encode_bag,
)

CACHED_BAGS = 4096

_MESSAGE_ID = re.compile(r"(?:^|&)(?:%24|\$)\.mid=([^&]*)")


@dataclass(frozen=True, slots=True)
class _Bag:
    source: str
    system: dict[str, str]
    properties: dict[str, str]
    forwarded: str


class MessageReader:
    def __init__(self, device: str) -> None:
        self._device = device
        self._bags: dict[tuple[str, str], _Bag] = {}

    def read(self, module: str, raw: str, body: bytes) -> Message:
        match = _MESSAGE_ID.search(raw)
        constant = raw if match is None else raw[: match.start()] + raw[match.end() :]
        bag = self._bags.get((module, constant))
        if bag is None:
            if len(self._bags) >= CACHED_BAGS:
                self._bags.clear()
            bag = self._bags[module, constant] = self._parse(module, constant)
        if match is None:
            return Message(bag.source, module, bag.system, bag.properties, raw, bag.forwarded, body)
        (_, message_id), *_ = decode_bag("id=" + match[1])
        system = {**bag.system, "messageId": message_id}
        forwarded = f"{bag.forwarded}&%24.mid={quote(message_id, safe='')}"
        return Message(bag.source, module, system, bag.properties, raw, forwarded, body)

    def _parse(self, module: str, raw: str) -> _Bag:
        system = {"connectionDeviceId": self._device, "connectionModuleId": module}
        properties: dict[str, str] = {}
        kept = [(DEVICE, self._device), (MODULE, module)]
        for name, value in decode_bag(raw):
            if name not in NOT_FORWARDED:
                kept.append((name, value))
            if name in SYSTEM_NAMES:
                system[SYSTEM_NAMES[name]] = value
            elif name not in OWN_NAMES:
                properties[name] = value
        output = system.get("outputName")
        source = f"/messages/modules/{module}/outputs/{output}" if output else f"/messages/modules/{module}"
        return _Bag(source, system, properties, encode_bag(kept))
