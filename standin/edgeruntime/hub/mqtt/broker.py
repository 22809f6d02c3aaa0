"""The broker: who may connect, sessions, and what a module's packets do.

https://github.com/Azure/iotedge/blob/main/doc/edgehub-api.md#mqtt
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any, Protocol

from standin.edgeruntime.hub.domain.identities.identities import Identities, Unauthorized
from standin.edgeruntime.hub.domain.methods import Methods
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.router import Router
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.domain.twins.twins import Refused, Twins
from standin.edgeruntime.hub.mqtt import codec, topics
from standin.edgeruntime.hub.mqtt.client import Client
from standin.edgeruntime.hub.mqtt.codec import Connect, Refusal
from standin.edgeruntime.hub.mqtt.connection import Connection

MAX_CLIENTS = 100

log = logging.getLogger("edgehub.mqtt")


class Presence(Protocol):
    """Whoever wants to know which modules are connected."""

    def clients_changed(self) -> None: ...


class Broker:
    def __init__(
        self,
        device: str,
        *,
        store: Store,
        identities: Identities,
        router: Router,
        twins: Twins,
        metrics: Metrics,
        presence: Presence,
    ) -> None:
        self.device = device
        self.store = store
        self.connections: set[Connection] = set()
        self.clients: dict[str, Client] = {}
        self.methods = Methods(self)
        self._identities = identities
        self._router = router
        self._twins = twins
        self._metrics = metrics
        self._presence = presence
        self._sessions = {module: set(filters) for module, filters in store.documents("session").items()}

    def connect(self, connection: Connection, packet: Connect) -> None:
        refusal, reason = Refusal.NOT_AUTHORIZED, ""
        expires = 0.0
        if not packet.supported:
            refusal, reason = Refusal.PROTOCOL_VERSION, "not MQTT 3.1.1"
        elif len(self.clients) >= MAX_CLIENTS:
            refusal, reason = Refusal.UNAVAILABLE, f"more than {MAX_CLIENTS} clients"
        else:
            try:
                expires = self._identities.authenticate(packet.client_id, packet.username, packet.password)
            except Unauthorized as problem:
                reason = str(problem)
        if reason:
            log.warning("refused %r: %s", packet.client_id, reason)
            self._metrics.refused += 1
            connection.send(codec.connack(refusal))
            connection.close()
            return
        self._accept(connection, packet, expires)

    def _accept(self, connection: Connection, packet: Connect, expires: float) -> None:
        module = packet.client_id.partition("/")[2]
        self._take_over(module)
        present = module in self._sessions and not packet.clean_session
        if not present:
            self._sessions[module] = set()
            self.save_session(module, self._sessions[module])
        client = Client(
            self,
            connection,
            module,
            queue=self._router.queue(module),
            filters=self._sessions[module],
            token_expires=expires,
        )
        self.clients[module] = client
        connection.accept(client, packet.keep_alive_s)
        connection.send(codec.connack(Refusal.ACCEPTED, session_present=present))
        self._metrics.connections += 1
        log.info("%s connected, session %s, %d queued", client, "kept" if present else "new", len(client.queue))
        client.start()
        self._presence.clients_changed()

    def _take_over(self, module: str) -> None:
        """A second connection of a client ends the first, as MQTT wants."""
        old = self.clients.pop(module, None)
        if old:
            old.queue.detach()
            old.connection.close()

    def left(self, connection: Connection) -> None:
        client = connection.client
        if client and self.clients.get(client.module) is client:
            del self.clients[client.module]
            client.queue.detach()
            log.info("%s disconnected", client)
            self._presence.clients_changed()

    def save_session(self, module: str, filters: set[str]) -> None:
        """A client never subscribes again by itself, so a session that is forgotten silences it for ever."""
        self.store.put("session", module, sorted(filters))

    def message(self, client: Client, bag: str, body: bytes) -> None:
        for queue in self._router.receive(client.module, bag, body):
            if queue.congested:
                client.hold(queue)

    def twin_get(self, client: Client, rid: str) -> None:
        view = self._twins.view(client.module)
        if view is None:
            client.send(topics.twin_result(404, rid), b"")
        else:
            client.send(topics.twin_result(200, rid), _json(view))

    def twin_report(self, client: Client, rid: str, body: bytes) -> None:
        try:
            version = self._twins.report(client.module, json.loads(body))
        except (Refused, ValueError) as problem:
            log.warning("%s: reported properties refused: %s", client, problem)
            client.send(topics.twin_result(400, rid), _json({"message": str(problem)}))
            return
        self.store.then(lambda: client.send(topics.twin_result(204, rid, version), b""))

    def desired_changed(self, module: str, patch: dict[str, Any], version: int) -> None:
        client = self.clients.get(module)
        if client and topics.DESIRED in client.filters:
            client.send(topics.desired_patch(version), _json({**patch, "$version": version}))

    def expire(self) -> None:
        """Closes what is silent beyond its keep-alive, and whose token or identity is no longer good."""
        now = time.time()
        for connection in list(self.connections):
            client = connection.client
            if connection.expired:
                log.warning("%s: silent for too long, closed", client or "a client that has not connected")
                connection.abort()
            elif client and (client.token_expires < now or not self._identities.enabled(client.module)):
                log.info("%s: its token expired or its identity is gone, closed", client)
                connection.close()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
