"""The sensor's loop: connect, send a reading per interval, in order, each until the hub has it.

A reading that the hub has not confirmed is sent again, and the next one is made only after it: an outage delays the
readings, but none is left out and none has to be kept in memory.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from contracts.telemetry import OUTPUT_SENSOR, PROPERTY_BATCH_ID, PROPERTY_SEQUENCE_NUMBER
from images.edge_hub.messages import ClientFailed, Handlers, Inbound, MethodAnswer, Outbound
from images.sending.delivery import RETRY_SECONDS, deliver
from images.sensor import handler
from images.sensor.handler import Controls, Refused
from images.sensor.settings import UNLIMITED, Settings
from images.sensor.simulation import Simulation

log = logging.getLogger("sensor")


class SensorClient(Protocol):
    """What the loop needs of `images.edge_hub.client.EdgeHubClient`."""

    async def open(self, handlers: Handlers) -> None: ...

    async def desired(self) -> Mapping[str, Any]: ...

    async def send(self, message: Outbound) -> None: ...

    async def report(self, properties: Mapping[str, Any]) -> None: ...

    async def close(self) -> None: ...


class SensorLoop:
    def __init__(
        self,
        client: SensorClient,
        settings: Settings,
        simulation: Simulation,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._client = client
        self._count = settings.message_count
        self._controls = Controls(interval_seconds=settings.interval_seconds)
        self._simulation = simulation
        self._now = now
        self._retry_seconds = retry_seconds
        self._batch_id = str(uuid.uuid4())
        self._changed = asyncio.Event()
        self._to_report = asyncio.Event()
        self._stopping = False
        self.sent = 0

    async def run(self) -> None:
        """Until `stop`; the reading in hand is still delivered."""
        desired = await self._opened()
        if desired is None:
            return
        self.on_desired(desired)
        reporter = asyncio.create_task(self._report())
        try:
            await self._send_readings()
            while not self._stopping:
                await self._wait(None)
        finally:
            reporter.cancel()

    def stop(self) -> None:
        self._stopping = True
        self._changed.set()

    def on_desired(self, desired: Mapping[str, Any]) -> None:
        try:
            self._controls = handler.apply_desired(self._controls, desired)
        except Refused as error:
            log.warning("desired properties refused: %s", error)
        self._to_report.set()
        self._changed.set()

    def on_message(self, message: Inbound) -> None:
        try:
            if handler.asks_for_reset(message.input_name, message.body):
                self._simulation.reset()
        except Refused as error:
            log.warning("message refused: %s", error)
        message.acknowledge()

    def on_method(self, name: str) -> MethodAnswer:
        called = handler.call_method(name)
        if called.reset:
            self._simulation.reset()
        return called

    async def _opened(self) -> Mapping[str, Any] | None:
        """The desired properties, or None where it was told to stop before it could connect."""
        handlers = Handlers(on_message=self.on_message, on_desired=self.on_desired, on_method=self.on_method)
        while not self._stopping:
            try:
                await self._client.open(handlers)
                return await self._client.desired()
            except ClientFailed as error:
                log.warning("cannot connect to the edge hub, trying again: %s", error)
                await asyncio.sleep(self._retry_seconds)
        return None

    async def _send_readings(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self._stopping and (self._count == UNLIMITED or self.sent < self._count):
            reading = self._simulation.next()
            if self._controls.sending:
                await self._send(reading.body(self._now()))
            # at a fixed rate, but without a burst after an outage
            due = max(due + self._controls.interval_seconds, loop.time())
            await self._wait_until(due)
            # a shorter interval ended the wait early: the rate counts from here
            due = min(due, loop.time())
        log.info("messages sent: %d", self.sent)

    async def _send(self, body: bytes) -> None:
        message = Outbound(
            output_name=OUTPUT_SENSOR,
            body=body,
            message_id=str(uuid.uuid4()),
            properties={PROPERTY_SEQUENCE_NUMBER: str(self.sent + 1), PROPERTY_BATCH_ID: self._batch_id},
        )
        await deliver(self._client, message, self.sent + 1, log=log, retry_seconds=self._retry_seconds)
        self.sent += 1

    async def _wait_until(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        interval = self._controls.interval_seconds
        while not self._stopping and (left := due - loop.time()) > 0:
            await self._wait(left)
            if self._controls.interval_seconds != interval:
                return  # a shorter interval counts at once, not after the old, perhaps long one

    async def _wait(self, seconds: float | None) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return

    async def _report(self) -> None:
        """The controls in force, as reported properties; beside the readings, which must not wait for it."""
        while True:
            await self._to_report.wait()
            self._to_report.clear()
            try:
                await self._client.report(self._controls.reported())
            except ClientFailed as error:
                log.warning("twin not reported, trying again: %s", error)
                self._to_report.set()
                await asyncio.sleep(self._retry_seconds)
