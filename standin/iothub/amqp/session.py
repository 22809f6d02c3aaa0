"""A session: a channel with its windows and links.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-sessions
"""

from __future__ import annotations

from typing import Protocol

from standin.iothub.amqp import performatives, received
from standin.iothub.amqp.container import Container
from standin.iothub.amqp.errors import FRAMING_ERROR, HANDLE_IN_USE, AmqpError
from standin.iothub.amqp.links import AnswerLink, Link, RequestLink, SendingLink
from standin.iothub.amqp.messages import Message, decode_message, encode_message
from standin.iothub.amqp.types import DecodeError, Symbol

_WINDOW = 5000
_MAX_MESSAGE = 1 << 20
_MASK = 0xFFFFFFFF


class Wire(Protocol):
    """What a session asks of its connection."""

    @property
    def full(self) -> bool:
        """Whether the transport is to catch up first."""

    @property
    def payload_limit(self) -> int:
        """How many bytes of a message one transfer takes."""

    def write(self, channel: int, performative: bytes, payload: bytes = b"") -> None: ...


class Session:
    def __init__(self, wire: Wire, container: Container, channel: int, begin: received.Begin) -> None:
        self._wire = wire
        self._container = container
        self._channel = channel
        self._next_incoming = begin.next_outgoing
        self._next_outgoing = 0
        self._remote_window = begin.incoming_window
        self._next_delivery = 0
        self._since_flow = 0
        self.links: dict[int, Link] = {}
        self._write(performatives.begin(remote_channel=channel, incoming_window=_WINDOW, outgoing_window=_WINDOW))

    def _write(self, performative: bytes, payload: bytes = b"") -> None:
        self._wire.write(self._channel, performative, payload)

    # -- sending

    def may_send(self) -> bool:
        return self._remote_window > 0 and not self._wire.full

    def send(self, handle: int, body: bytes, *, settled: bool) -> None:
        delivery = self._next_delivery
        self._next_delivery = (delivery + 1) & _MASK
        size = self._wire.payload_limit
        for start in range(0, len(body), size):
            more = start + size < len(body)
            head = performatives.transfer(handle=handle, delivery=delivery, settled=settled, more=more)
            self._write(head, body[start : start + size])
            self._next_outgoing = (self._next_outgoing + 1) & _MASK
            self._remote_window -= 1

    def pump(self) -> None:
        for link in list(self.links.values()):
            if isinstance(link, SendingLink):
                link.pump()

    # -- links come and go

    def attach(self, attach: received.Attach) -> None:
        """Raises AmqpError, which ends the connection, for a handle that the peer may not give it."""
        if attach.handle > performatives.HANDLE_MAX:
            raise AmqpError(
                FRAMING_ERROR, f"The handle is {attach.handle}, allowed are 0 to {performatives.HANDLE_MAX}."
            )
        if attach.handle in self.links:
            raise AmqpError(HANDLE_IN_USE, f"The handle {attach.handle} is attached already.")
        try:
            link = self._container.link(self, attach)
        except AmqpError as error:
            # a refusal is an attach without a terminus, then a detach that says why
            self._answer(attach, refused=True)
            self._write(
                performatives.detach(
                    attach.handle, closed=True, problem=performatives.error(error.condition, error.text)
                )
            )
            return
        self.links[attach.handle] = link
        self._answer(attach, capabilities=link.capabilities)
        if isinstance(link, RequestLink):
            self._grant(link)
        link.opened()

    def _answer(self, attach: received.Attach, *, refused: bool = False, capabilities: tuple[str, ...] = ()) -> None:
        sends = attach.receiver
        self._write(
            performatives.attach(
                name=attach.name,
                handle=attach.handle,
                receiver=not sends,
                send_settle=1 if sends and attach.send_settle != 0 else attach.send_settle,
                receive_settle=attach.receive_settle,
                # both: Go's client takes a link with either of them for one that is there
                source=None if refused else attach.source,
                target=None if refused else attach.target,
                max_message=_MAX_MESSAGE,
                desired=tuple(Symbol(name) for name in capabilities),
                properties={Symbol(name): value for name, value in attach.properties.items()} or None,
            )
        )

    def detach(self, detach: received.Detach) -> None:
        # pyamqp detaches links after it has ended their session: an unknown handle is no error
        link = self.links.pop(detach.handle, None)
        if link is not None:
            link.closed()
            self._write(performatives.detach(detach.handle, closed=detach.closed))

    def expel(self, link: Link, error: AmqpError) -> None:
        """Ends a link from our side."""
        if self.links.pop(link.handle, None) is None:
            return
        link.closed()
        problem = performatives.error(error.condition, error.text)
        self._write(performatives.detach(link.handle, closed=True, problem=problem))

    def ended(self) -> None:
        for link in self.links.values():
            link.closed()
        self.links.clear()

    def tick(self) -> None:
        for link in list(self.links.values()):
            link.tick()

    # -- credit

    def _flow(self, link: SendingLink | RequestLink | None = None, *, drain: bool = False) -> None:
        own = {} if link is None else {"handle": link.handle, "delivery_count": link.delivery_count}
        self._since_flow = 0
        self._write(
            performatives.flow(
                next_incoming=self._next_incoming,
                incoming_window=_WINDOW,
                next_outgoing=self._next_outgoing,
                outgoing_window=_WINDOW,
                credit=link.credit if link is not None else 0,
                drain=drain,
                **own,
            )
        )

    def _grant(self, link: RequestLink) -> None:
        link.granted()
        self._flow(link)

    def flow(self, flow: received.Flow) -> None:
        self._remote_window = (flow.next_incoming + flow.incoming_window - self._next_outgoing) & _MASK
        if self._remote_window > 0x7FFFFFFF:
            self._remote_window = 0
        if flow.handle is None:
            self.pump()
            if flow.echo:
                self._flow()
            return
        link = self.links.get(flow.handle)
        if isinstance(link, SendingLink):
            link.take_credit(flow.delivery_count, flow.credit)
            link.pump()
            if flow.drain:
                link.drained()
            if flow.drain or flow.echo:
                self._flow(link, drain=flow.drain)
        elif isinstance(link, RequestLink) and flow.echo:
            self._grant(link)

    # -- requests

    def transfer(self, transfer: received.Transfer, payload: bytes) -> None:
        self._next_incoming = (self._next_incoming + 1) & _MASK
        self._since_flow += 1
        link = self.links.get(transfer.handle)
        if not isinstance(link, RequestLink):
            return
        if transfer.delivery is not None:
            link.delivery = transfer.delivery
        link.settled = link.settled or transfer.settled
        link.parts += payload
        if len(link.parts) > _MAX_MESSAGE:
            raise DecodeError(f"a message of more than {_MAX_MESSAGE} bytes")
        if transfer.aborted:
            link.parts.clear()
        elif not transfer.more:
            self._received(link)

    def _received(self, link: RequestLink) -> None:
        data, settled, delivery = bytes(link.parts), link.settled, link.delivery or 0
        link.parts.clear()
        link.settled = False
        link.delivery_count = (link.delivery_count + 1) & _MASK
        link.credit -= 1
        request = decode_message(data)
        self._reply(link, request, self._container.request(link.node, request))
        if not settled:
            self._write(performatives.accepted(delivery))
        if link.credit < RequestLink.CREDIT // 4 or self._since_flow > _WINDOW // 2:
            self._grant(link)

    def _reply(self, link: RequestLink, request: Message, answer: Message) -> None:
        """To the link that the request names, else to the latest one of the same node."""
        answer.properties["correlation-id"] = request.properties.get("message-id")
        reply_to = request.properties.get("reply-to")
        answers = [other for other in self.links.values() if isinstance(other, AnswerLink) and other.node == link.node]
        named = [other for other in answers if reply_to and other.attach.target_address == reply_to]
        if answers:
            (named or answers)[-1].answer(encode_message(answer))
