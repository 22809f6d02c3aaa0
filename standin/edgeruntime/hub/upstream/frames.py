"""What goes over the WebSocket `wss://<hub>/_standin/edge/<device>`: JSON objects, told apart by `type`.

From the device:
  hello     store                       first; names the store within which message ids are unique
  clients   connected: [module]         whenever it changes
  upstream  seq, messages: [{id, module, system, properties, body (base64)}]
  reported  module, patch
  result    id, status, payload | id, error: "offline" | "timeout"
From the cloud:
  state     identities: [...], twins: {module: {desired, reported}}   first, and whenever identities change
  desired   module, desired             the whole section
  ack       seq                         all frames up to this one are durable
  reported  module, version | module, error
  method    id, module, name, payload, response_timeout_s
"""

from __future__ import annotations

import base64
import json
from typing import Any

from standin.edgeruntime.hub.domain.messages.message import MessageReader
from standin.edgeruntime.hub.domain.queues.queue import Item

Frame = dict[str, Any]
MAX_FRAME_BYTES = 16 * 1024 * 1024


def encode(frame: Frame) -> str:
    return json.dumps(frame, separators=(",", ":"))


def decode(text: str | bytes) -> Frame:
    frame = json.loads(text)
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise ValueError("a frame is not an object with a type")
    return frame


def upstream_frame(seq: int, items: list[Item], reader: MessageReader) -> Frame:
    return {"type": "upstream", "seq": seq, "messages": [_message(item, reader) for item in items]}


def _message(item: Item, reader: MessageReader) -> Frame:
    module, _, bag = (item.head or "").partition("\n")
    message = reader.read(module, bag, item.body or b"")
    return {
        "id": item.seq,
        "module": module,
        "system": message.system,
        "properties": message.properties,
        "body": base64.b64encode(message.body).decode(),
    }
