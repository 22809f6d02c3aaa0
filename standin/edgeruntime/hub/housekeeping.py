"""What is to be done now and then, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from standin.edgeruntime.hub.certificate import ServerCertificate
from standin.edgeruntime.hub.domain.connected import ConnectedModules
from standin.edgeruntime.hub.domain.identities.identities import Identities
from standin.edgeruntime.hub.domain.port import ModuleProtocol
from standin.edgeruntime.hub.domain.queues.queues import Queues

EVERY_S = 1.0
SWEEP_EVERY = 60


class Housekeeping:
    def __init__(
        self,
        connected: ConnectedModules,
        identities: Identities,
        queues: Queues,
        certificate: ServerCertificate,
        protocols: Sequence[ModuleProtocol],
    ) -> None:
        self._connected = connected
        self._identities = identities
        self._queues = queues
        self._certificate = certificate
        self._protocols = protocols

    async def run(self) -> None:
        turns = 0
        while True:
            await asyncio.sleep(EVERY_S)
            turns += 1
            for protocol in self._protocols:
                protocol.close_silent()
            self._connected.close_unauthorized(self._identities)
            if turns % SWEEP_EVERY == 0:
                self._queues.sweep()
                self._certificate.refresh()
