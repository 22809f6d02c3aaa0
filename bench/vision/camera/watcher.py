"""`python -m bench.vision.camera.watcher PORT`: who has the viewer open; told how often, and for how many pictures."""

from __future__ import annotations

import contextlib
import sys
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from bench.edge.orders import answer, next_order

START_SECONDS, PICTURE_SECONDS = 30.0, 30.0


def main(port: int) -> None:
    while (order := next_order()) is not None:
        seen = 0
        with contextlib.suppress(ConnectionClosed):
            for _ in range(order["times"]):
                with _looking(port) as viewer:
                    for _ in range(order["pictures"]):
                        viewer.recv(PICTURE_SECONDS)
                        seen += 1
        answer({"pictures": seen})


def _looking(port: int) -> ClientConnection:
    """Also where the viewer does not listen yet."""
    address = f"127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return connect(f"ws://{address}/pictures", origin=Origin(f"http://{address}"), proxy=None)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main(int(sys.argv[1]))
