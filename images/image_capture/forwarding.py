"""Which answers go to the hub: where other people are seen than before, or at an interval; the newest alone waits."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Mapping
from time import monotonic
from typing import Protocol

from contracts.telemetry import PROPERTY_MODEL, PROPERTY_RESPONSE, RESPONSE_OK
from images.edge_hub.messages import MessageRefused, Outbound
from images.image_capture.detector import Answer
from images.image_capture.pictures import FLOOR
from images.image_capture.settings import Settings
from images.sending.delivery import RETRY_SECONDS, deliver

OUTPUT = "output1"

log = logging.getLogger("image_capture")


class Sends(Protocol):
    async def send(self, message: Outbound) -> None: ...


class Forwarder:
    """On one event loop: `offer` takes an answer, `run` sends."""

    def __init__(self, client: Sends, settings: Settings, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._client, self._settings = client, settings
        self._retry_seconds = retry_seconds
        self._newest: Answer | None = None
        self._offered = asyncio.Event()
        self._told: tuple[str, Mapping[str, int]] | None = None
        self._due = 0.0
        self._refused = ""
        """Why the last message was, and so was said."""
        self.sent = 0

    def offer(self, answer: Answer) -> None:
        self._newest = answer
        self._offered.set()

    async def run(self) -> None:
        while True:
            await self._offered.wait()
            if (early := self._due - monotonic()) > 0:
                await asyncio.sleep(early)  # what comes meanwhile takes the place of what is there
            self._offered.clear()
            if self._newest is not None and self._is_news(self._newest):
                await self._send(self._newest)

    def _is_news(self, answer: Answer) -> bool:
        return self._settings.send == "interval" or _counted(answer) != self._told

    async def _send(self, answer: Answer) -> None:
        # by these a roll-out knows that what it deployed works
        scored = {PROPERTY_RESPONSE: RESPONSE_OK, PROPERTY_MODEL: answer.model} if answer.model else {}
        message = Outbound(output_name=OUTPUT, body=answer.body, message_id=str(uuid.uuid4()), properties=scored)
        self._due = monotonic() + self._settings.send_seconds
        try:
            await deliver(self._client, message, self.sent + 1, log=log, retry_seconds=self._retry_seconds)
        except MessageRefused as error:
            # not told: the next answer that sees the same is tried
            if str(error) != self._refused:
                log.error("an answer is left out: %s", error)
            self._refused = str(error)
            return
        self._refused = ""
        self._told = _counted(answer)
        self.sent += 1


def _counted(answer: Answer) -> tuple[str, Mapping[str, int]]:
    """How many of each are seen, and by which model: what another one sees is news."""
    return answer.model, Counter(one.tag for one in answer.seen if one.probability >= FLOOR)
