"""What a container writes, as it writes it: the SDK's stream blocks, so each one is read in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

from standin.containers.docker_host import DockerHost

if TYPE_CHECKING:
    from docker import DockerClient

log = logging.getLogger("standin.docker")


async def output(docker: DockerHost, container: str) -> AsyncIterator[bytes]:
    """Both streams from the beginning, until the container ends (or the engine does: look at the container then).

    Raises what `DockerHost.run` raises.
    """

    def call(client: DockerClient) -> Any:
        return client.api.logs(container, stdout=True, stderr=True, stream=True, follow=True)

    stream = await docker.run(call)
    reading = _Reading(asyncio.get_running_loop())
    threading.Thread(target=reading.pump, args=(stream,), name=f"output of {container}", daemon=True).start()
    try:
        async for written in reading.pieces():
            yield written
    finally:
        stream.close()


class _Reading:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting = bytearray()
        self._over = False
        self._news = asyncio.Event()

    def pump(self, stream: Iterable[bytes]) -> None:
        """In the thread."""
        try:
            for piece in stream:
                self._tell(self._take, piece)
        except Exception as problem:  # closed while it was read, or the engine went: each has one of its own
            log.debug("a container's output ended: %s", problem)
        finally:
            self._tell(self._end)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Together what came since the last one."""
        while True:
            await self._news.wait()
            self._news.clear()
            over, written = self._over, bytes(self._waiting)
            self._waiting.clear()
            if written:
                yield written
            if over:
                return

    def _tell(self, call: Any, *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _take(self, piece: bytes) -> None:
        self._waiting += piece
        self._news.set()

    def _end(self) -> None:
        self._over = True
        self._news.set()
