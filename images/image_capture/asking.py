"""A connection over HTTP all of whose answer comes before one moment: the limit of a socket is for each piece alone."""

from __future__ import annotations

import http.client
import socket
from time import monotonic
from typing import Any


class Connection(http.client.HTTPConnection):
    """Who sends a byte a second, or `100 Continue` without end, would else be waited for as long as he likes."""

    until = 0.0

    def connect(self) -> None:
        self.timeout = self.left()
        super().connect()
        self.sock = _Bound(self, self.sock.detach())

    def left(self) -> float:
        if (seconds := self.until - monotonic()) <= 0:
            raise TimeoutError
        return seconds


class _Bound(socket.socket):
    def __init__(self, connection: Connection, descriptor: int) -> None:
        super().__init__(fileno=descriptor)
        self._left = connection.left

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(self._left())
        return super().recv_into(*arguments, **options)

    def sendall(self, *arguments: Any, **options: Any) -> None:
        self.settimeout(self._left())
        return super().sendall(*arguments, **options)
