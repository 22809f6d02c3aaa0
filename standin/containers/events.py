"""Docker's own events of this stand-in's containers: one thread for all who want to hear of them.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemEvents
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException

from standin.core.errors import ServiceError

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.types.daemon import CancellableStream

log = logging.getLogger("standin.docker")

_ACTIONS = frozenset({"start", "die", "oom", "destroy", "stop", "kill", "pause", "unpause", "rename"})
_RETRY_SECONDS = 2.0
_JOIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ContainerEvent:
    action: str
    labels: Mapping[str, str]
    """The container's labels, and what Docker says of the event (`exitCode` of "die")."""

    @property
    def exit_code(self) -> int:
        return int(self.labels.get("exitCode", 0))


@dataclass(frozen=True, slots=True, eq=False)
class _Subscriber:
    heard: Callable[[ContainerEvent], None]
    reconnected: Callable[[], None]


class ContainerEvents:
    def __init__(self, connect: Callable[[], DockerClient], label: str) -> None:
        """`label` ("name=value") is on every container that is of interest."""
        self._connect = connect
        self._label = label
        self._subscribers: list[_Subscriber] = []
        self._stream: CancellableStream[Any] | None = None
        self._thread: threading.Thread | None = None
        self._tried = asyncio.Event()
        """The stream was opened, or could not be: whoever looks at the containers from here on misses nothing."""
        self._ended = threading.Event()

    async def subscribe(
        self, heard: Callable[[ContainerEvent], None], reconnected: Callable[[], None]
    ) -> Callable[[], None]:
        """Calls `heard` on the event loop for each event, and `reconnected` after the stream was lost and opened again:
        anything may have happened meanwhile. Returns what ends the subscription."""
        subscriber = _Subscriber(heard, reconnected)
        self._subscribers.append(subscriber)
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._listen, args=(loop,), name="docker events", daemon=True)
            self._thread.start()
        await self._tried.wait()
        return lambda: self._unsubscribe(subscriber)

    async def close(self) -> None:
        self._ended.set()
        self._tried.set()  # nobody waits any longer for a stream that will not come
        if self._stream is not None:
            self._stream.close()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, _JOIN_SECONDS)

    def _unsubscribe(self, subscriber: _Subscriber) -> None:
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)

    # -- in the thread: the SDK's stream blocks for as long as nothing happens

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        lost = False
        while not self._ended.is_set():
            try:
                self._follow(loop, lost=lost)
            except (DockerException, ServiceError, OSError, ValueError) as problem:
                # ValueError: the stream was closed by `close` while it was read.
                log.log(logging.DEBUG if self._ended.is_set() else logging.WARNING, "Docker's events: %s", problem)
            lost = True
            self._on_loop(loop, self._tried.set)
            self._ended.wait(_RETRY_SECONDS)

    def _follow(self, loop: asyncio.AbstractEventLoop, *, lost: bool) -> None:
        filters = {"type": "container", "label": self._label}
        self._stream = self._connect().events(decode=True, filters=filters)
        if self._ended.is_set():  # `close` came before there was a stream to close
            self._stream.close()
            return
        self._on_loop(loop, self._tried.set)
        if lost:
            self._on_loop(loop, self._tell_reconnected)
        for event in self._stream:
            action = str(event.get("Action", "")).partition(":")[0]
            if action in _ACTIONS:
                self._on_loop(loop, self._tell, ContainerEvent(action, event["Actor"]["Attributes"]))

    def _on_loop(self, loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: Any) -> None:
        if not self._ended.is_set() and not loop.is_closed():
            loop.call_soon_threadsafe(call, *arguments)

    # -- on the event loop

    def _tell(self, event: ContainerEvent) -> None:
        for subscriber in list(self._subscribers):
            subscriber.heard(event)

    def _tell_reconnected(self) -> None:
        for subscriber in list(self._subscribers):
            subscriber.reconnected()
