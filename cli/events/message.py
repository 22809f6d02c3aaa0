"""A message of a device, made of an event of azure-eventhub, and the two ways in which it is shown."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloud.wording import printable

_REMEMBERED = 200_000
_ANNOTATIONS = {"device": b"iothub-connection-device-id", "module": b"iothub-connection-module-id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: str | None
    device: str | None
    module: str | None
    enqueued: datetime | None
    partition: str
    sequence: int
    """Its number within its partition."""
    content_type: str | None
    properties: Mapping[str, Any]
    body: Any

    def as_json(self) -> dict[str, Any]:
        return {
            "messageId": self.id,
            "device": self.device,
            "module": self.module,
            "enqueued": self.enqueued.isoformat() if self.enqueued else None,
            "partition": self.partition,
            "sequence": self.sequence,
            "contentType": self.content_type,
            "properties": dict(self.properties),
            "body": self.body,
        }


def as_line(message: Message) -> str:
    """One line, whatever the device has put into it."""
    moment = message.enqueued.strftime("%H:%M:%S.%f")[:-3] if message.enqueued else "-"
    source = "/".join(part for part in (message.device, message.module) if part)
    properties = " ".join(f"{key}={value}" for key, value in sorted(message.properties.items()))
    body = json.dumps(message.body, ensure_ascii=False) if not isinstance(message.body, str) else message.body
    return printable(f"{moment}  {source}  {body}" + (f"  [{properties}]" if properties else ""))


class Repeats:
    """Delivery is at least once: a message id that was seen before is a repeat."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self.count = 0

    def is_new(self, message: Message) -> bool:
        if message.id is None:
            return True
        if message.id in self._seen:
            self.count += 1
            return False
        self._seen[message.id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True


def message_of(partition: str, event: Any) -> Message:
    annotations: Mapping[Any, Any] = event.raw_amqp_message.annotations or {}
    source = {name: _text(annotations.get(key)) for name, key in _ANNOTATIONS.items()}
    properties = {_text(key) or "": _plain(value) for key, value in (event.properties or {}).items()}
    return Message(
        id=_text(event.message_id),
        device=source["device"],
        module=source["module"],
        enqueued=event.enqueued_time,
        partition=partition,
        sequence=int(event.sequence_number or 0),
        content_type=_text(event.content_type),
        properties=properties,
        body=_body(event),
    )


def _body(event: Any) -> Any:
    raw = b"".join(_chunks(event.body))
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", errors="replace")


def _chunks(body: Any) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
    elif isinstance(body, str):
        yield body.encode()
    else:
        for chunk in body:
            yield bytes(chunk)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def _plain(value: Any) -> Any:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
