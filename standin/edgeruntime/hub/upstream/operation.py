"""What each thing that goes over the link has to say and to hear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from standin.edgeruntime.hub.upstream.frames import Frame

Handler = Callable[[Frame], Awaitable[None]]


class Operation:
    """One thing that goes over the link. It does nothing of its own; subclasses have what is theirs."""

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Of frames from the cloud, by type."""
        return {}

    def connected(self) -> None:
        """The link stands: what the cloud has to know may be sent."""

    def disconnected(self) -> None:
        """What was under way is lost."""

    def next_frame(self) -> Frame | None:
        """What waits to be sent. Asked when there is room for it, and again until it is None."""
        return None
