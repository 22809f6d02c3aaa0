"""One edge hub's life, from start to drain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from standin.edgeruntime.hub.certificate import ServerCertificate
from standin.edgeruntime.hub.domain.identities.identities import Identities
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.port import HubPort, ModuleProtocol
from standin.edgeruntime.hub.domain.queues.queues import Queues
from standin.edgeruntime.hub.domain.router import Router
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.domain.twins.own_twin import OwnTwin
from standin.edgeruntime.hub.domain.twins.twins import Twins
from standin.edgeruntime.hub.health import Health
from standin.edgeruntime.hub.housekeeping import Housekeeping
from standin.edgeruntime.hub.http import connection_handler
from standin.edgeruntime.hub.settings import Settings
from standin.edgeruntime.hub.upstream.cloud import Cloud
from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.messages import Messages
from standin.edgeruntime.hub.workload import Workload

DRAIN_S = 3.0


@dataclass(kw_only=True, slots=True)
class EdgeHub:
    settings: Settings
    metrics: Metrics
    store: Store
    identities: Identities
    router: Router
    queues: Queues
    twins: Twins
    own_twin: OwnTwin
    module_side: HubPort
    workload: Workload
    certificate: ServerCertificate
    link: Link
    cloud: Cloud
    messages: Messages
    protocols: Sequence[ModuleProtocol]
    health: Health
    housekeeping: Housekeeping
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)
    _health_server: asyncio.Server | None = field(default=None, init=False)

    async def start(self) -> None:
        self.own_twin.restore()
        self.certificate.refresh()
        for protocol in self.protocols:
            await protocol.listen()
        answer = connection_handler(self.health.answer)
        self._health_server = await asyncio.start_server(answer, self.settings.bind, self.settings.health_port)
        await self.workload.serve(self.identities.modules)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self.link.run(self.cloud)), loop.create_task(self.housekeeping.run())]

    async def stop(self) -> None:
        """What was read is stored and acknowledged; the rest stays with its senders."""
        for protocol in self.protocols:
            protocol.stop_listening()
        if self._health_server:
            self._health_server.close()
        await self.store.flushed()
        for protocol in self.protocols:
            protocol.close()
        self.cloud.stop_sending()
        await self.messages.drained(DRAIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.workload.stop()
        await self.store.close()
