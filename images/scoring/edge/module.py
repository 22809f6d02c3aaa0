"""The module loop of an edge device: messages in, scored messages out, in order; none is lost that was accepted.

Four rules, each because messages were lost or reordered without it: the handler is set before connecting (a persistent
session delivers at once, and the SDK drops what nobody handles); the handler only enqueues (the SDK runs handlers
concurrently); sends are retried (the SDK fails pending ones when a reconnect fails); a message is acknowledged when its
answer is with the hub, or when it is dropped: of a scorer that is killed, the hub sends it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from images.edge_hub.messages import ClientFailed, Handlers, Inbound, MessageRefused, Outbound
from images.scoring.edge.drops import REPORT_SECONDS, Drops, keep_told
from images.scoring.edge.messages import score_message
from images.scoring.errors import ScoringError
from images.scoring.metrics import WorkerMetrics
from images.scoring.service.service import Service

log = logging.getLogger("scoring.module")

RETRY_SECONDS = 0.5
QUIET_SECONDS = 0.1


class ModuleClient(Protocol):
    """What the loop needs of `images.edge_hub.client.EdgeHubClient`."""

    async def open(self, handlers: Handlers) -> None: ...

    async def send(self, message: Outbound) -> None: ...

    async def report(self, properties: Mapping[str, Any]) -> None: ...

    async def stop_intake(self) -> None: ...

    async def close(self) -> None: ...


class ModuleLoop:
    def __init__(
        self,
        client: ModuleClient,
        service: Service,
        counters: WorkerMetrics,
        *,
        as_list: bool = False,
        retry_seconds: float = RETRY_SECONDS,
        report_seconds: float = REPORT_SECONDS,
    ) -> None:
        self._client = client
        self._service = service
        self._counters = counters
        self._as_list = as_list
        self._retry_seconds = retry_seconds
        self._report_seconds = report_seconds
        self._drops = Drops()
        self._queue: asyncio.Queue[Inbound] = asyncio.Queue()
        self._in_hand = 0
        self._worker: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Connect, however long it takes, then score until cancelled."""
        self._worker = asyncio.create_task(self._work(), name="module-worker")
        while True:
            try:
                await self._client.open(Handlers(on_message=self._enqueue))
                break
            except ClientFailed as error:
                log.warning("cannot connect to the edge hub, trying again: %s", error)
                await asyncio.sleep(self._retry_seconds)
        log.info("connected to the edge hub")
        reporter = asyncio.create_task(keep_told(self._drops, self._client, seconds=self._report_seconds))
        try:
            await self._worker
        finally:
            reporter.cancel()

    async def drain(self, *, seconds: float) -> int:
        """Stop the intake, score and send what was accepted; returns how many messages were left at the deadline."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop_intake()
                await self._queue.join()
                # the client may still hold a message that it has not yet handed over
                await asyncio.sleep(QUIET_SECONDS)
                await self._queue.join()
        except TimeoutError:
            log.error("stopping; messages that were accepted and not sent: %d", self._unfinished)
        left = self._unfinished
        if self._worker is not None:
            self._worker.cancel()
        try:
            async with asyncio.timeout(1.0):
                await self._client.close()
        except (ClientFailed, TimeoutError) as error:
            log.warning("the edge hub did not confirm the end of the connection: %r", error)
        return left

    @property
    def _unfinished(self) -> int:
        return self._queue.qsize() + self._in_hand

    def _enqueue(self, message: Inbound) -> None:
        self._queue.put_nowait(message)
        self._counters.messages_waiting(self._unfinished)

    async def _stop_intake(self) -> None:
        try:
            await self._client.stop_intake()
        except ClientFailed as error:
            log.warning("the edge hub did not confirm that it stopped: %s", error)

    async def _work(self) -> None:
        while True:
            message = await self._queue.get()
            self._in_hand = 1
            try:
                await self._handle(message)
                message.acknowledge()
            finally:
                self._in_hand = 0
                self._queue.task_done()
                self._counters.messages_waiting(self._unfinished)
            # one message a turn of the loop: HTTP is not kept waiting by a queue, nor the queue by HTTP
            await asyncio.sleep(0)

    async def _handle(self, message: Inbound) -> None:
        try:
            scored = await score_message(self._service, message, as_list=self._as_list)
            await self._send(scored)
        except (ScoringError, MessageRefused) as error:
            self._counters.message("dropped")
            self._drops.dropped(error.code if isinstance(error, ScoringError) else "AnswerTooLarge", str(error))
            log.warning("message %s dropped: %s", message.message_id or "without id", error)
        except Exception:
            # one message that nobody thought of must not end the module: it would come again, and end it again
            self._counters.message("dropped")
            self._drops.dropped("Failed", "the server failed; the log says why")
            log.exception("message %s dropped", message.message_id or "without id")
        else:
            self._counters.message("scored")
            self._drops.scored()

    async def _send(self, message: Outbound) -> None:
        while True:
            try:
                return await self._client.send(message)
            except ClientFailed as error:
                self._counters.send_retried()
                log.warning("message %s not sent, trying again: %s", message.message_id, error)
                await asyncio.sleep(self._retry_seconds)
