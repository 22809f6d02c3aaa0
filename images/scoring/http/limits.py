"""The limits that need no proxy in front: of sizes, of numbers, and of the time that a connection has in each phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

MAX_HEAD_BYTES = 32 * 1024
"""Of a head; and of what is neither head nor body: chunk extensions and trailers."""
MAX_HEADERS = 100
CHUNK_FRAMING = 8
"""Bytes of framing that each byte of a body may have besides: a chunk of one byte needs five."""
MAX_THROWN_AWAY_BYTES = 4 * 1024 * 1024
"""So much over the limit of a body is read of one that was refused, for its client to see why."""
MAX_ID_LENGTH = 100
"""Characters of an id that an answer carries back."""
PIECE_BYTES = 8 * 1024
"""What a connection has sent is parsed in such pieces: requests that wait are no more than fit into one."""
MAX_STEPS_AT_ONCE = 16
"""Requests and chunks of a connection in one piece; who sends more has its turn after all others from then on."""
MAX_WAITING_BYTES = 64 * 1024 * 1024
"""Of what connections of one port have sent and is not parsed yet."""
TURN_SECONDS = 0.005
"""For the pieces of those who sent many, before others are looked at; one that takes it alone has sent many."""
MAX_UNSENT_CONNECTIONS = 64
MAX_UNSENT_BYTES = 64 * 1024 * 1024
"""Of answers that clients do not take, on one port; who has not read for longest is cut off first."""
WRITE_BUFFER_BYTES = 64 * 1024
"""An answer that has so much left to send is one that its client does not take."""
MAX_TURNED_AWAY = 64
"""Connections without a place that are told so; more are just closed."""
SLOW_SECONDS = 1.0
"""Who has waited longer gives its place up first, where there is none."""
HANDSHAKE_SECONDS = 10.0
LINGER_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one worker."""

    max_connections: int
    """On one port, those in their TLS handshake included."""
    max_in_flight: int
    """Requests to score on all ports, counted from their heads on."""
    max_body_bytes: int
    """As it is sent, and again as it is unpacked."""
    request_seconds: float
    """For a request from its first byte to its last, and for the client to take an answer."""
    idle_seconds: float
    """For a connection between an answer and the next request."""


class Phase(Enum):
    """What a connection waits for. Where several hold, it is in the one that is named first."""

    CLOSING = auto()
    """Our side has ended: for the client's end."""
    UNREAD = auto()
    """The client does not read: for it to take the answers."""
    ANSWERING = auto()
    """For the model; nothing is read meanwhile."""
    ARRIVING = auto()
    """For a first request, or for the rest of one."""
    IDLE = auto()
    """For the next request."""


class Ending(Enum):
    """What becomes of a connection whose time is over."""

    ABORT = auto()
    """Closed at once; what was not yet sent is lost."""
    REFUSE = auto()
    """Answered with 408, then closed."""
    CLOSE = auto()


class TimeLimit(NamedTuple):
    seconds: Callable[[Limits], float]
    ending: Ending


TIME_LIMITS: Mapping[Phase, TimeLimit | None] = {
    Phase.CLOSING: TimeLimit(lambda limits: LINGER_SECONDS, Ending.ABORT),
    Phase.UNREAD: TimeLimit(lambda limits: limits.request_seconds, Ending.ABORT),
    Phase.ANSWERING: None,  # `run` has a time-out of its own, in the service
    Phase.ARRIVING: TimeLimit(lambda limits: limits.request_seconds, Ending.REFUSE),
    Phase.IDLE: TimeLimit(lambda limits: limits.idle_seconds, Ending.CLOSE),
}


def ending(phase: Phase, seconds: float, limits: Limits) -> Ending | None:
    """How a connection ends that has been `seconds` in a phase; None: it may stay."""
    limit = TIME_LIMITS[phase]
    return limit.ending if limit is not None and seconds > limit.seconds(limits) else None
