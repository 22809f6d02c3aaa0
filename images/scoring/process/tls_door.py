"""Accepts TLS connections one by one, so that each has its place before its handshake has begun.

asyncio's own server counts nobody until the handshake is over: one that never ends costs 50 kB, and no limit sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl

from images.scoring.http.connection import Connection
from images.scoring.http.limits import HANDSHAKE_SECONDS, LINGER_SECONDS
from images.scoring.http.server_state import ServerState
from images.scoring.process.tls_protocol import accept_tls

log = logging.getLogger("scoring.server")

ACCEPTED_AT_ONCE = 64
"""Then other connections have their turn."""
_PAUSE_SECONDS = 0.1
"""Where the process has no file descriptor left."""


class TlsDoor:
    def __init__(self, listener: socket.socket, tls: ssl.SSLContext, state: ServerState) -> None:
        self._listener = listener
        self._tls = tls
        self._state = state
        self._handshakes: set[Handshake] = set()

    def open(self) -> None:
        if self._listener.fileno() != -1:
            self._state.loop.add_reader(self._listener, self._accept)

    def close(self) -> None:
        """Takes over what the kernel has accepted."""
        self._state.loop.remove_reader(self._listener)
        while self._accepted():
            continue
        self._listener.close()

    def end_handshakes(self) -> None:
        for handshake in list(self._handshakes):
            handshake.give_up()

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            if not self._accepted():
                return

    def _accepted(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError as error:
            log.warning("no connection can be accepted: %s", error)
            self._state.loop.remove_reader(self._listener)
            self._state.loop.call_later(_PAUSE_SECONDS, self.open)
            return False
        connection.setblocking(False)
        handshake = Handshake(connection, self._tls, self._state)
        if not self._state.places.take(handshake):
            connection.close()  # to say why would take a handshake
            return True
        self._handshakes.add(handshake)
        handshake.begin().add_done_callback(lambda task: self._handshakes.discard(handshake))
        return True


class Handshake:
    """Holds the place of a connection until that is made."""

    def __init__(self, connection: socket.socket, tls: ssl.SSLContext, state: ServerState) -> None:
        self._socket = connection
        self._tls = tls
        self._state = state
        self._since = state.loop.time()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        self._task = self._state.loop.create_task(self._work())
        return self._task

    async def _work(self) -> None:
        try:
            # what goes wrong in a handshake is the client's matter, and would fill the log
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                await accept_tls(
                    Connection(self._state, self),
                    self._socket,
                    self._tls,
                    handshake_seconds=HANDSHAKE_SECONDS,
                    shutdown_seconds=LINGER_SECONDS,
                )
        finally:
            self._state.places.leave(self)
            self._task = None  # one that was cancelled keeps its frames, and they all that a handshake holds

    def waiting_since(self) -> float | None:
        return self._since

    def awaits_body(self) -> bool:
        return False

    def is_half(self) -> bool:
        return True

    def give_up(self) -> None:
        self._state.places.leave(self)
        if self._task is not None:
            self._task.cancel()
