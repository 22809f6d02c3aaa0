"""`python -m bench.vision.camera.module CLIP DETECTOR-PORT VIEWER-PORT`: the camera's module, and what the bench notes.

Its own code whole, but for its ends: a clip stands for a camera and gives so many frames a second, each with its number
in the first row of its pixels; the answer that goes to the hub says which frame it is of, and when that came. In the
environment that the edge agent sets.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import cv2
import numpy as np

from bench.edge.messages import SCORED
from bench.edge.orders import answer, next_order
from images.edge_hub.client import EdgeHubClient
from images.edge_hub.messages import Handlers, Outbound
from images.image_capture.detector import Answer, Detector
from images.image_capture.module import Capture
from images.image_capture.settings import Endpoint, Settings
from images.image_capture.source import Source

BITS, SIDE = 16, 8
"""A bit is a square of one block of JPEG."""
_HEAD = b'{"run":%d,"number":%d,"sent_ns":%d,"padding":'


class Camera:
    """What `images.image_capture.looking.Reads` wants."""

    live, rate = True, 0.0

    def __init__(self, clip: Source, frames_per_second: float) -> None:
        self._clip, self._pause = clip, 1 / frames_per_second
        self._numbers = itertools.count()
        self.name = clip.name
        self.came_ns = [0] * 2**BITS

    def frames(self) -> Iterator[Any]:
        due = time.monotonic()
        while True:
            frames = self._clip.frames()
            while True:
                time.sleep(max(0.0, due - time.monotonic()))
                due = max(due + self._pause, time.monotonic())
                number, came = next(self._numbers) % 2**BITS, time.monotonic_ns()
                if (frame := next(frames, None)) is None:
                    break
                self.came_ns[number] = came
                yield numbered(frame, number)


def numbered(frame: Any, number: int) -> Any:
    for bit in range(BITS):
        frame[:SIDE, bit * SIDE : (bit + 1) * SIDE] = 255 * (number >> bit & 1)
    return frame


def number_of(picture: bytes) -> int:
    """Of a JPEG, of which only the first coefficient of each block is unpacked."""
    small = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    assert small is not None
    return sum(int(small[0, bit] > 127) << bit for bit in range(BITS))


class Asks:
    """The detector, whose answers get the marks of `bench.edge.messages`."""

    def __init__(self, detector: Detector, camera: Camera, run: int) -> None:
        self._detector, self._camera, self._run = detector, camera, run

    def ask(self, picture: bytes) -> Answer | None:
        number = number_of(picture)
        found = self._detector.ask(picture)
        if found is None:
            return None
        head = _HEAD % (self._run, number, self._camera.came_ns[number])
        return dataclasses.replace(found, body=head + found.body + b"}")


class Counted:
    """The hub for one run: so many messages, and no more."""

    def __init__(self, client: EdgeHubClient, count: int, every: int) -> None:
        self._client, self._count, self._every = client, count, every
        self.sent = 0
        self.all_sent = asyncio.Event()

    async def open(self, handlers: Handlers) -> None: ...

    async def close(self) -> None: ...

    async def send(self, message: Outbound) -> None:
        if self.all_sent.is_set():
            await asyncio.Event().wait()
        await self._client.send(dataclasses.replace(message, output_name=SCORED))
        self.sent += 1
        if self.sent % self._every == 0:
            answer({"sent": self.sent})
        if self.sent == self._count:
            self.all_sent.set()


async def _main(clip: str, detector: Detector, port: int) -> None:
    client = EdgeHubClient()
    await client.open(Handlers(on_message=lambda message: None))
    settings = Settings(video=clip, frames_per_second=1000, send="interval", send_seconds=0)
    answer("ready")
    while (order := await asyncio.to_thread(next_order)) is not None:
        await _run(client, settings, detector, port, order)


async def _run(
    client: EdgeHubClient, settings: Settings, detector: Detector, port: int, order: Mapping[str, Any]
) -> None:
    """Answers each `every` messages how many are sent."""
    camera = Camera(Source(settings), order["rate"])
    hub = Counted(client, order["count"], order["every"])
    capture = Capture(hub, settings, camera, detector=Asks(detector, camera, order["run"]), port=port)
    running = asyncio.create_task(capture.run())
    await hub.all_sent.wait()
    capture.stop()
    await running


if __name__ == "__main__":
    asked = Detector(Endpoint(host="127.0.0.1", port=int(sys.argv[2]), target="/image"))
    asyncio.run(_main(sys.argv[1], asked, int(sys.argv[3])))
