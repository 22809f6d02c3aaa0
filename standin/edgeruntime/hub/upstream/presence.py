"""Which modules are connected, for the cloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from standin.edgeruntime.hub.upstream.frames import Frame


class Presence:
    def __init__(self, send: Callable[[Frame], None]) -> None:
        self._send = send

    def changed(self, connected: Sequence[str]) -> None:
        self._send({"type": "clients", "connected": list(connected)})
