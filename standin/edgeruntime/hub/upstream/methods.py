"""Direct methods that the cloud calls: each runs on its own, and its result goes up when it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from standin.edgeruntime.hub.domain.methods import Methods, NotOnline
from standin.edgeruntime.hub.upstream.frames import Frame


class MethodCalls:
    def __init__(self, methods: Methods, send: Callable[[Frame], None]) -> None:
        self._methods = methods
        self._send = send
        self._calls: set[asyncio.Task[None]] = set()

    def start(self, frame: Frame) -> None:
        task = asyncio.create_task(self._call(frame))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _call(self, frame: Frame) -> None:
        answer: Frame = {"type": "result", "id": frame["id"]}
        try:
            status, payload = await self._methods.call(
                frame["module"],
                frame["name"],
                frame["payload"],
                response_timeout_s=frame["response_timeout_s"],
                connect_timeout_s=frame.get("connect_timeout_s", 0),
            )
            answer |= {"status": status, "payload": payload}
        except NotOnline:
            answer["error"] = "offline"
        except TimeoutError:
            answer["error"] = "timeout"
        self._send(answer)
