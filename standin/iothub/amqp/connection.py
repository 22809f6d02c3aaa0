"""One AMQP 1.0 connection, without a transport: bytes in through `receive`, bytes out through `take`.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-connections
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from standin.iothub.amqp import performatives, received
from standin.iothub.amqp.container import Container
from standin.iothub.amqp.decode import decode
from standin.iothub.amqp.errors import DECODE_ERROR, FORCED, AmqpError
from standin.iothub.amqp.frames import AMQP_HEADER, HEARTBEAT, MAX_FRAME, SASL, SASL_HEADER, Frame, Splitter, frame
from standin.iothub.amqp.session import Session
from standin.iothub.amqp.types import DecodeError, Described

_log = logging.getLogger(__name__)

_IDLE_MS = 240_000
_CHANNELS = 255
# A transfer's head is some 35 bytes; the rest of a frame is payload.
_HEAD_ROOM = 64
# Readers stop filling the buffer here, which also bounds the turn that one of them takes on the loop.
_BUFFER = 256 * 1024


class Connection:
    def __init__(self, container: Container, on_output: Callable[[], None]) -> None:
        self._container = container
        self.finished = False
        self.payload_limit = 512 - _HEAD_ROOM
        self._on_output = on_output
        self._splitter = Splitter()
        self._step: Callable[[], bool] = self._sasl_header
        self._sessions: dict[int, Session] = {}
        self._outgoing: list[bytes] = []
        self._size = 0
        self._heard = time.monotonic()
        self._sent = time.monotonic()
        self._beat_every: float = 30

    # -- the transport's side

    def receive(self, data: bytes) -> None:
        self._heard = time.monotonic()
        self._splitter.feed(data)
        try:
            while not self.finished and self._step():
                pass
        except AmqpError as error:
            self._close(error)
        except DecodeError as error:
            self._close(AmqpError(DECODE_ERROR, str(error)))

    def take(self) -> bytes:
        """What is to be sent now."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        self._size = 0
        if data:
            self._sent = time.monotonic()
        return data

    def resume(self) -> None:
        """The transport has room again."""
        for session in list(self._sessions.values()):
            session.pump()

    def tick(self) -> None:
        """To be called every second or so: heartbeats, silent peers, what links look after."""
        now = time.monotonic()
        if now - self._heard > 2 * _IDLE_MS / 1000:
            text = f"The connection was inactive for more than the allowed {_IDLE_MS} milliseconds"
            self._close(AmqpError(FORCED, text))
        elif now - self._sent >= self._beat_every and not self.finished:
            self._put(HEARTBEAT)
        for session in self._sessions.values():
            session.tick()

    def dispose(self) -> None:
        """The transport is gone."""
        self.finished = True
        for session in self._sessions.values():
            session.ended()
        self._sessions.clear()

    # -- the sessions' side

    @property
    def full(self) -> bool:
        return self._size >= _BUFFER

    def write(self, channel: int, performative: bytes, payload: bytes = b"") -> None:
        self._put(frame(channel, performative, payload))

    def _put(self, data: bytes) -> None:
        self._outgoing.append(data)
        self._size += len(data)
        self._on_output()

    def _close(self, error: AmqpError | None = None) -> None:
        if self.finished:
            return
        if error is not None:
            _log.info("AMQP connection closed: %s %s", error.condition, error.text)
        problem = performatives.error(error.condition, error.text) if error is not None else None
        self.write(0, performatives.close(problem))
        self.dispose()

    # -- what comes in, step by step

    def _sasl_header(self) -> bool:
        header = self._splitter.header()
        if header is None:
            return False
        self._put(SASL_HEADER)
        if header != SASL_HEADER:
            # the answer to an unsupported protocol is the one that is supported, and the end
            self.dispose()
            return False
        self._put(frame(0, performatives.sasl_mechanisms(*self._container.mechanisms), kind=SASL))
        self._step = self._sasl_init
        return True

    def _sasl_init(self) -> bool:
        incoming = self._splitter.frame()
        if incoming is None:
            return False
        described = _performative(incoming)[0]
        if described.descriptor != performatives.SASL_INIT:
            raise DecodeError("sasl-init was expected")
        refused = received.sasl_mechanism(described.value) not in self._container.mechanisms
        self._put(frame(0, performatives.sasl_outcome(1 if refused else 0), kind=SASL))
        if refused:
            self.dispose()
        self._step = self._amqp_header
        return True

    def _amqp_header(self) -> bool:
        header = self._splitter.header()
        if header is None:
            return False
        self._put(AMQP_HEADER)
        if header != AMQP_HEADER:
            self.dispose()
        self._step = self._frame
        return True

    def _frame(self) -> bool:
        incoming = self._splitter.frame()
        if incoming is None:
            return False
        if incoming.body:
            described, rest = _performative(incoming)
            self._handle(incoming.channel, described, rest)
        return True

    def _handle(self, channel: int, described: Described, payload: bytes) -> None:
        value = described.value
        match described.descriptor:
            case performatives.OPEN:
                self._open(received.open_(value))
            case performatives.BEGIN:
                self._begin(channel, received.begin(value))
            case performatives.CLOSE:
                self._close()
            case performatives.END:
                self._end(channel)
            case performatives.ATTACH | performatives.FLOW | performatives.TRANSFER | performatives.DETACH as code:
                session = self._sessions.get(channel)
                # pyamqp ends its session before it detaches that session's links
                if session is not None:
                    _dispatch(session, code, value, payload)
            case performatives.DISPOSITION:
                # azure-eventhub sends one for each message; nothing here waits for it
                pass
            case code:
                raise DecodeError(f"unknown performative {code!r}")

    def _open(self, opened: received.Open) -> None:
        self.payload_limit = min(opened.max_frame, MAX_FRAME) - _HEAD_ROOM
        if opened.idle_ms:
            self._beat_every = min(opened.idle_ms / 2000, 30)
        self.write(
            0,
            performatives.open_(
                container=self._container.name, max_frame=MAX_FRAME, channel_max=_CHANNELS, idle_ms=_IDLE_MS
            ),
        )

    def _begin(self, channel: int, begun: received.Begin) -> None:
        if channel > _CHANNELS or channel in self._sessions:
            raise DecodeError(f"channel {channel} is above {_CHANNELS} or in use")
        self._sessions[channel] = Session(self, self._container, channel, begun)

    def _end(self, channel: int) -> None:
        session = self._sessions.pop(channel, None)
        if session is not None:
            session.ended()
            self.write(channel, performatives.end())


def _performative(incoming: Frame) -> tuple[Described, bytes]:
    value, index = decode(incoming.body)
    if not isinstance(value, Described):
        raise DecodeError("a frame's body starts with a performative")
    return value, incoming.body[index:]


def _dispatch(session: Session, code: int, value: Any, payload: bytes) -> None:
    match code:
        case performatives.ATTACH:
            session.attach(received.attach(value))
        case performatives.FLOW:
            session.flow(received.flow(value))
        case performatives.TRANSFER:
            session.transfer(received.transfer(value), payload)
        case performatives.DETACH:
            session.detach(received.detach(value))
