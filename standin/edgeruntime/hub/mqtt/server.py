"""The port that MQTT clients connect to, and the connections that are open."""

from __future__ import annotations

import asyncio
import logging
import ssl

from standin.edgeruntime.hub.domain.port import HubPort
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.mqtt.connection import Connection
from standin.edgeruntime.hub.mqtt.handshake import Handshake
from standin.edgeruntime.hub.mqtt.subscriptions import StoredSessions

log = logging.getLogger("edgehub.mqtt")


class MqttServer:
    """A `ModuleProtocol`."""

    def __init__(
        self, port: HubPort, hub: str, device: str, store: Store, *, address: tuple[str, int], tls: ssl.SSLContext
    ) -> None:
        self._port = port
        self._hub = hub
        self._device = device
        self._sessions = StoredSessions(store)
        self._address = address
        self._tls = tls
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        host, port = self._address
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._connections, self._handshake), host, port, ssl=self._tls
        )
        log.info("listening on %s:%d for device %s", host, port, self._device)

    def stop_listening(self) -> None:
        if self._server:
            self._server.close()

    def close_silent(self) -> None:
        for connection in list(self._connections):
            if connection.silent:
                log.warning("%s: silent for too long, closed", connection)
                connection.abort()

    def close(self) -> None:
        for connection in list(self._connections):
            connection.close()

    def _handshake(self, connection: Connection) -> Handshake:
        return Handshake(self._port, connection, hub=self._hub, device=self._device, sessions=self._sessions)
