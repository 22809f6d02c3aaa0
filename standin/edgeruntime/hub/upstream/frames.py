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

import json
from typing import Any

Frame = dict[str, Any]
MAX_FRAME_BYTES = 16 * 1024 * 1024


def encode(frame: Frame) -> str:
    return json.dumps(frame, separators=(",", ":"))


def decode(text: str | bytes) -> Frame:
    frame = json.loads(text)
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise ValueError("a frame is not an object with a type")
    return frame
