"""Messages of a device: in the hub's log before they are acknowledged."""

from __future__ import annotations

import base64
import itertools
import logging
from collections.abc import Iterator

from standin.core.errors import ServiceError
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.iothub_port import D2CMessage, Hub
from standin.edgeruntime.links.appended import AppendedIds, AppendedMessages

log = logging.getLogger("standin.edge")


class Messages:
    def __init__(self, hub: Hub, device: str, appended: AppendedMessages) -> None:
        self._hub = hub
        self._device = device
        self._appended = appended
        self._ids = AppendedIds()

    def hello(self, frame: Frame) -> None:
        """Message ids are unique within the store that is named here."""
        self._ids = self._appended.of(self._hub.host, self._device, frame["store"])

    def append(self, frame: Frame) -> Frame:
        fresh = [message for message in frame["messages"] if message["id"] not in self._ids]
        for module, group in _by_module(fresh):
            try:
                self._hub.append(self._device, module, [_message(message) for message in group])
            except ServiceError:
                self._append_singly(module, group)
            for message in group:
                self._ids.add(message["id"])
        return {"type": "ack", "seq": frame["seq"]}

    def _append_singly(self, module: str, group: list[Frame]) -> None:
        """One that the hub refuses for good (its module is gone, it is too large) must not hold up the others."""
        for message in group:
            try:
                self._hub.append(self._device, module, [_message(message)])
            except ServiceError as problem:
                log.warning("%s/%s: a message is refused: %s", self._device, module, problem)


def _by_module(messages: list[Frame]) -> Iterator[tuple[str, list[Frame]]]:
    for module, group in itertools.groupby(messages, key=lambda message: message["module"]):
        yield module, list(group)


def _message(frame: Frame) -> D2CMessage:
    system = {name: value for name, value in frame["system"].items() if not name.startswith("connection")}
    return D2CMessage(body=base64.b64decode(frame["body"]), system=system, properties=frame["properties"])
