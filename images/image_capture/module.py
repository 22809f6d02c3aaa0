"""The module as a whole: threads that look, and an event loop that shows and sends."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Protocol

from images.daemon_thread import in_daemon_thread
from images.edge_hub.messages import ClientFailed, Handlers, Inbound, Outbound
from images.image_capture.detector import Detector
from images.image_capture.forwarding import Forwarder
from images.image_capture.looking import Asks, Looked, Looker, Reader, Reads
from images.image_capture.settings import Settings
from images.image_capture.viewer import Viewer
from images.sending.delivery import RETRY_SECONDS

VIEWER_PORT = 5012

log = logging.getLogger("image_capture")


class Client(Protocol):
    """What is needed of `images.edge_hub.client.EdgeHubClient`."""

    async def open(self, handlers: Handlers) -> None: ...

    async def send(self, message: Outbound) -> None: ...

    async def close(self) -> None: ...


class Capture:
    def __init__(
        self,
        client: Client,
        settings: Settings,
        source: Reads,
        *,
        detector: Asks | None = None,
        port: int = VIEWER_PORT,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._client, self._settings, self._source = client, settings, source
        self._detector = detector or (None if settings.endpoint is None else Detector(settings.endpoint))
        self._port, self._retry_seconds = port, retry_seconds
        self._stopping = asyncio.Event()
        self.viewer = Viewer() if settings.show else None
        self.forwarder = Forwarder(client, settings, retry_seconds=retry_seconds)

    async def run(self) -> None:
        """Until `stop`. It looks and shows also while there is no hub. Where a thread fails, so does this: the process
        ends, and the agent starts another."""
        if self.viewer is not None:
            await self.viewer.start("0.0.0.0", self._port)
        reader = Reader(self._source, self._settings)
        looker = Looker(reader.frames, self._detector, self._settings, self._handing_on(), self._watched)
        log.info("looking at %s", self._source.name)
        tasks = [asyncio.create_task(in_daemon_thread(one.run, name=type(one).__name__)) for one in (reader, looker)]
        tasks.append(asyncio.create_task(self._send()))
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        for worker in (reader, looker):
            worker.stop()
        failed = [] if self._stopping.is_set() else [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        if self.viewer is not None:
            await self.viewer.close()
        for task in failed:
            task.result()

    def stop(self) -> None:
        self._stopping.set()

    def _watched(self) -> bool:
        return self.viewer is not None and self.viewer.watched

    def _handing_on(self) -> Callable[[Looked], None]:
        """From the thread that looks to this loop; a turn that waits takes the newest, so turns do not pile up."""
        loop = asyncio.get_running_loop()
        newest: list[Looked] = []
        lock = threading.Lock()

        def turn() -> None:
            with lock:
                looked = newest.pop()
            if self.viewer is not None:
                self.viewer.show(looked.picture)
            if looked.answer is not None:
                self.forwarder.offer(looked.answer)

        def hand_on(looked: Looked) -> None:
            with lock:
                waits, newest[:] = bool(newest), [looked]
            if not waits and not loop.is_closed():
                loop.call_soon_threadsafe(turn)

        return hand_on

    async def _send(self) -> None:
        while True:
            try:
                await self._client.open(Handlers(on_message=_ignore))
                break
            except ClientFailed as error:
                log.warning("cannot connect to the edge hub, trying again: %s", error)
                await asyncio.sleep(self._retry_seconds)
        await self.forwarder.run()


def _ignore(message: Inbound) -> None:
    log.warning("a message for the input %r is not for a camera", message.input_name)
    message.acknowledge()
