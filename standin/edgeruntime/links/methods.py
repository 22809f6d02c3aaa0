"""Direct methods: called by the cloud's users, answered by a device's modules."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.iothub_port import Invocation

ANSWER_GRACE_S = 1


class Methods:
    def __init__(self, send: Callable[[Frame], Awaitable[None]]) -> None:
        self._send = send
        self._invocations: dict[int, Invocation] = {}
        self._numbers = itertools.count(1)

    async def invoke(self, module: str, invocation: Invocation) -> None:
        number = next(self._numbers)
        self._invocations[number] = invocation
        asyncio.get_running_loop().call_later(
            invocation.connect_timeout_s + invocation.response_timeout_s + ANSWER_GRACE_S,
            lambda: self._invocations.pop(number, None),
        )
        await self._send(
            {
                "type": "method",
                "id": number,
                "module": module,
                "name": invocation.name,
                "payload": invocation.payload,
                "response_timeout_s": invocation.response_timeout_s,
                "connect_timeout_s": invocation.connect_timeout_s,
            }
        )

    def result(self, frame: Frame) -> None:
        """Offline is also a module that is connected and has not subscribed: who calls it is told at once."""
        invocation = self._invocations.pop(frame["id"], None)
        if invocation is None:
            return
        if "status" in frame:
            invocation.respond(frame["status"], frame["payload"])
        else:
            invocation.fail("offline" if frame.get("error") == "offline" else "timeout")
