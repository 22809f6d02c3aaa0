"""Direct methods that the cloud calls: each runs on its own, and its result goes up when it is there.

From the cloud:
  method    id, module, name, payload, response_timeout_s [, connect_timeout_s: 0]
From the device:
  result    id, status, payload | id, error: "offline" | "timeout"
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from standin.edgeruntime.hub.domain.methods import Methods, NotOnline
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.operation import Handler, Operation


class MethodCalls(Operation):
    def __init__(self, link: Link, methods: Methods) -> None:
        self._link = link
        self._methods = methods
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"method": self._start}

    async def _start(self, frame: Frame) -> None:
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
        self._link.send(answer)
