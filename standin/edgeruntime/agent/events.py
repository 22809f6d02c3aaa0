"""Docker's own events, so that the agents need not ask all the time: one thread for all devices of the stand-in."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from standin.edgeruntime.agent.engine import INSTANCE_LABEL, PLACE_LABEL

if TYPE_CHECKING:
    from docker import DockerClient

TELLING = frozenset({"die", "start", "destroy", "stop", "kill", "oom", "pause", "unpause", "rename"})
RETRY_S = 2.0

log = logging.getLogger("standin.edge")


class EngineEvents:
    """Calls `changed(slug)` on the loop whenever something happened to a container of that device; `changed("")` after
    the stream was lost: anything may have happened."""

    def __init__(self, instance: str, changed: Callable[[str], None]) -> None:
        self._instance = instance
        self._changed = changed
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._stream: Any = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._watch, args=(loop,), name="docker-events", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        self._stopping.set()
        if self._stream is not None:
            self._stream.close()
        if self._thread:
            await asyncio.to_thread(self._thread.join, 5.0)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        import docker
        from docker.errors import DockerException

        while not self._stopping.is_set():
            try:
                self._follow(docker.from_env(), loop)
            except (DockerException, OSError, ValueError) as problem:
                if not self._stopping.is_set():
                    log.info("Docker's events were lost: %s", problem)
            self._stopping.wait(RETRY_S)

    def _follow(self, client: DockerClient, loop: asyncio.AbstractEventLoop) -> None:
        filters = {"type": "container", "label": f"{INSTANCE_LABEL}={self._instance}"}
        try:
            self._stream = client.events(decode=True, filters=filters)
            if self._stopping.is_set():  # `stop` came before there was a stream to close
                return
            self._tell(loop, "")
            for event in self._stream:
                action = str(event.get("Action", "")).partition(":")[0]
                if action in TELLING:
                    self._tell(loop, event["Actor"]["Attributes"].get(PLACE_LABEL, ""))
        finally:
            client.close()

    def _tell(self, loop: asyncio.AbstractEventLoop, slug: str) -> None:
        if not self._stopping.is_set() and not loop.is_closed():
            loop.call_soon_threadsafe(self._changed, slug)
