"""The replay's loop: connect, send a row per interval, in order, each until the hub has it.

A restarted replay begins with the first row again.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import uuid
from collections.abc import Sequence
from typing import Protocol

from contracts.telemetry import PROPERTY_BATCH_ID, PROPERTY_SEQUENCE_NUMBER
from images.edge_hub.messages import ClientFailed, Handlers, Inbound, MessageRefused, Outbound
from images.replay.rows import Row
from images.replay.settings import Settings
from images.sending.delivery import RETRY_SECONDS, deliver

OUTPUT = "rows"

log = logging.getLogger("replay")


class ReplayClient(Protocol):
    """What the loop needs of `images.edge_hub.client.EdgeHubClient`."""

    async def open(self, handlers: Handlers) -> None: ...

    async def send(self, message: Outbound) -> None: ...

    async def close(self) -> None: ...


class ReplayLoop:
    def __init__(
        self, client: ReplayClient, settings: Settings, rows: Sequence[Row], *, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._client = client
        self._settings = settings
        self._rows = rows
        self._retry_seconds = retry_seconds
        self._batch_id = str(uuid.uuid4())
        self._stopping = asyncio.Event()
        self.sent = 0

    async def run(self) -> None:
        """Until `stop`; the row in hand is still delivered."""
        await self._open()
        loop = asyncio.get_running_loop()
        due = loop.time()
        for row in itertools.cycle(self._rows) if self._settings.loop else self._rows:
            if self._stopping.is_set():
                return
            await self._send(row)
            # at a fixed rate, but without a burst after an outage
            due = max(due + self._settings.interval_seconds, loop.time())
            await self._wait(due - loop.time())
        log.info("all rows are sent (%d), and nothing more will be", len(self._rows))
        await self._stopping.wait()

    def stop(self) -> None:
        self._stopping.set()

    async def _open(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._client.open(Handlers(on_message=_ignore))
                return
            except ClientFailed as error:
                log.warning("cannot connect to the edge hub, trying again: %s", error)
                await self._wait(self._retry_seconds)

    async def _send(self, row: Row) -> None:
        number = self.sent + 1
        message = Outbound(
            output_name=OUTPUT,
            body=row.body,
            content_type=row.content_type,
            message_id=str(uuid.uuid4()),
            properties={PROPERTY_SEQUENCE_NUMBER: str(number), PROPERTY_BATCH_ID: self._batch_id},
        )
        try:
            await deliver(self._client, message, number, log=log, retry_seconds=self._retry_seconds)
        except MessageRefused as error:
            log.error("message %d is left out: %s", number, error)
        self.sent = number

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), max(seconds, 0))
        except TimeoutError:
            return


def _ignore(message: Inbound) -> None:
    log.warning("a message for the input %r is not for a replay", message.input_name)
    message.acknowledge()
