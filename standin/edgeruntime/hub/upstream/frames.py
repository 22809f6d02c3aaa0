"""What goes over the WebSocket `wss://<hub>/_standin/edge/<device>`: JSON objects, told apart by `type`.

Which there are is said in the file of each operation. A device that runs may be of an older version than its cloud is.
"""

from __future__ import annotations

import json
from typing import Any

Frame = dict[str, Any]
MAX_FRAME_BYTES = 16 * 1024 * 1024


def encode(frame: Frame) -> str:
    return json.dumps(frame, separators=(",", ":"))


def decode(text: str | bytes) -> Frame:
    try:
        frame = json.loads(text)
    except RecursionError as problem:
        raise ValueError("a frame is nested too deeply") from problem
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise ValueError("a frame is not an object with a type")
    return frame
