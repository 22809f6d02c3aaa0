"""From a client's first packet to its session, or to a refusal."""

from __future__ import annotations

import logging

from standin.edgeruntime.hub.domain.identities.tokens import Unauthorized
from standin.edgeruntime.hub.domain.port import MAX_MODULES, HubPort
from standin.edgeruntime.hub.mqtt import codec
from standin.edgeruntime.hub.mqtt.codec import Connect, Kind, ProtocolError, Refusal
from standin.edgeruntime.hub.mqtt.connection import Connection
from standin.edgeruntime.hub.mqtt.session import Session
from standin.edgeruntime.hub.mqtt.subscriptions import StoredSessions

log = logging.getLogger("edgehub.mqtt")


class Handshake:
    """A connection's first `Handler`."""

    def __init__(
        self, port: HubPort, connection: Connection, *, hub: str, device: str, sessions: StoredSessions
    ) -> None:
        self._port = port
        self._connection = connection
        self._hub = hub
        self._device = device
        self._sessions = sessions

    def __str__(self) -> str:
        return "a client that has not connected"

    def packet(self, first: int, packet: bytes) -> None:
        if first >> 4 != Kind.CONNECT:
            raise ProtocolError("the first packet is not CONNECT")
        connect = codec.read_connect(packet)
        if not connect.supported:
            return self._refuse(connect, Refusal.PROTOCOL_VERSION, "not MQTT 3.1.1")
        if self._port.full:
            return self._refuse(connect, Refusal.UNAVAILABLE, f"more than {MAX_MODULES} clients")
        try:
            module = self._module(connect)
            expires = self._port.authenticate(module, connect.password)
        except Unauthorized as problem:
            return self._refuse(connect, Refusal.NOT_AUTHORIZED, str(problem))
        return self._accept(connect, module, expires)

    def writable_again(self) -> None: ...

    def lost(self) -> None: ...

    def _module(self, connect: Connect) -> str:
        """The module that the client says it is, by its id and by its user name."""
        device, _, module = connect.client_id.partition("/")
        if device != self._device:
            raise Unauthorized("no such identity on this device")
        host, _, rest = connect.username.partition("/")
        if host.lower() != self._hub.lower() or not rest.startswith(f"{connect.client_id}/?api-version="):
            raise Unauthorized("the user name does not name the client")
        return module

    def _refuse(self, connect: Connect, refusal: Refusal, reason: str) -> None:
        self._port.refused(connect.client_id, reason)
        self._connection.send(codec.connack(refusal))
        self._connection.close()

    def _accept(self, connect: Connect, module: str, expires: float) -> None:
        subscriptions, present = self._sessions.open(module, clean=connect.clean_session)
        session = Session(self._port, self._connection, device=self._device, module=module, subscriptions=subscriptions)
        self._port.connected(module, session, token_expires=expires)
        self._connection.hand_over(session, connect.keep_alive_s)
        self._connection.send(codec.connack(Refusal.ACCEPTED, session_present=present))
        waiting = len(self._port.inbox(module))
        log.info("%s connected, session %s, %d queued", session, "kept" if present else "new", waiting)
        session.start()
