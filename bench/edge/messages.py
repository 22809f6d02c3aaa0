"""What is sent: a message of 1 KB that carries its run, its number and when it was sent."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

DEVICE = "bench-01"
SENT, SCORED, INPUT = "telemetry", "scored", "telemetryInput"
"""The sender's output, the scorer's, and its input."""
BODY_BYTES = 1024

_HEAD = b'{"run":%d,"number":%d,"sent_ns":%d,"padding":"'
_MARKS = re.compile(rb'\{"run":(\d+),"number":(\d+),"sent_ns":(\d+),"padding"')


class Pair(NamedTuple):
    """The modules of one kind of client."""

    sender: str
    scorer: str


PAHO, SDK = Pair("sender", "scorer"), Pair("sender-sdk", "scorer-sdk")


def body(run: int, number: int) -> bytes:
    """JSON of exactly `BODY_BYTES`, sent now."""
    head = _HEAD % (run, number, time.monotonic_ns())
    return head + b"x" * (BODY_BYTES - len(head) - 2) + b'"}'


def event_topic(module: str, output: str, message_id: str) -> str:
    """What azure-iot-device 2.14 publishes a JSON message on."""
    bag = f"%24.on={output}&%24.mid={message_id}&%24.ct=application%2Fjson&%24.ce=utf-8"
    return f"devices/{DEVICE}/modules/{module}/messages/events/{bag}"


def marks(data: bytes) -> tuple[int, int, int]:
    """(run, number, when it was sent in ns) of a body somewhere in `data`."""
    found = _MARKS.search(data)
    if found is None:
        raise ValueError(f"a message that nobody sent: {data[:200]!r}")
    return int(found[1]), int(found[2]), int(found[3])
