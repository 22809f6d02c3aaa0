"""One IoT Hub: composes its domains, and answers for them what the edge runtime asks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from standin.core.clock import Clock
from standin.core.profile import Profile
from standin.core.store import Store
from standin.iothub.configurations.deployments import Deployments
from standin.iothub.configurations.rollout import Rollout
from standin.iothub.configurations.state import Configurations
from standin.iothub.devices.methods import DirectMethods
from standin.iothub.devices.subscriptions import Subscription, Subscriptions
from standin.iothub.eventhub.annotated import encoder
from standin.iothub.eventhub.endpoint import endpoint_of
from standin.iothub.events.ingress import Ingress
from standin.iothub.events.log import EventLog
from standin.iothub.events.message import D2CMessage
from standin.iothub.kernel.flicker import Flicker
from standin.iothub.kernel.hub_record import HubRecord
from standin.iothub.kernel.transactions import Transactions
from standin.iothub.query.queries import Queries
from standin.iothub.registry.authentication import DeviceAuthentication
from standin.iothub.registry.identity import Identity
from standin.iothub.registry.presence import Presences
from standin.iothub.registry.state import IdentityRegistry
from standin.iothub.twins.documents import TwinDocuments
from standin.iothub.twins.state import Twins
from standin.iothub.twins.twin import Twin


class Hub:
    """`edge_changed(hub, device)` hears, after the commit, of each edge device that came, changed or went."""

    def __init__(
        self,
        record: HubRecord,
        *,
        store: Store,
        clock: Clock,
        profile: Profile,
        folder: Path,
        edge_changed: Callable[[Hub, str], None],
    ) -> None:
        name = record.name
        self.record = record
        self.flicker = Flicker(name, profile)
        self._folder = folder / name
        self._edge_changed = edge_changed
        self._transactions = transactions = Transactions(store)
        self.transaction = transactions.begin
        self.registry = registry = IdentityRegistry(store, clock, name, transactions)
        self.authentication = DeviceAuthentication(registry, lambda: self.record)
        self.presences = presences = Presences(clock, registry, transactions.afterwards)
        self.twins = twins = Twins(store, clock, name, transactions)
        self.documents = documents = TwinDocuments(registry, twins, presences)
        self.queries = Queries(documents)
        self.configurations = configurations = Configurations(
            store, clock, name, transactions, limit=record.configurations_limit
        )
        rollout = Rollout(registry, twins, configurations, documents)
        self.deployments = Deployments(clock, profile.configuration_lag_s, registry, rollout, transactions)
        self.subscriptions = subscriptions = Subscriptions(clock, profile.twin_lag_s, transactions.afterwards)
        self.methods = DirectMethods(clock, registry, presences, subscriptions)
        self.log = log = EventLog(
            self._folder / "events.db", partitions=record.partitions, retention=record.retention, now=clock.now
        )
        self.ingress = Ingress(log, registry, presences, encoder, lambda: self.record.fallback)
        self.endpoint = endpoint_of(log, lambda: self.record)
        self._connect()

    def _connect(self) -> None:
        """What one change brings about, in this order: an identity has its twin before anybody looks at the two."""
        for identity_changed in (
            self.twins.identity_changed,
            self.presences.identity_changed,
            self.deployments.identity_changed,
            self._identity_changed,
            self.subscriptions.identity_changed,
        ):
            self.registry.listen(identity_changed)
        self.twins.listen(self.subscriptions.twin_changed)
        self.twins.listen(self.deployments.twin_changed)
        self.configurations.listen(self.deployments.configurations_changed)
        self._transactions.before_commit(self.deployments.settle)
        for stored in (self.registry, self.twins, self.configurations):
            self._transactions.after_rollback(stored.reload)

    def _identity_changed(self, old: Identity | None, new: Identity | None) -> None:
        for device in {identity.device for identity in (old, new) if identity is not None and identity.edge}:
            self._transactions.afterwards(partial(self._edge_changed, self, device))

    # -- life

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def host(self) -> str:
        return self.record.host

    def adopt(self, record: HubRecord) -> None:
        """Retention or consumer groups changed."""
        self.record = record
        self.log.retention = record.retention

    def start(self) -> None:
        self.deployments.catch_up()

    async def stop(self) -> None:
        await self.deployments.stop()
        self.subscriptions.close()
        self.endpoint.close()
        self.log.close()

    async def destroy(self) -> None:
        """Takes everything of the hub away, messages included."""
        edge = self.registry.edge_devices()
        with self.transaction():
            for stored in (self.registry, self.twins, self.configurations):
                stored.clear()
        for identity in edge:
            self._edge_changed(self, identity.device)
        await self.stop()
        shutil.rmtree(self._folder)

    # -- what the edge runtime asks

    def modules(self, device: str) -> list[Identity]:
        return self.registry.modules(device)

    def identity(self, device: str, module: str | None = None) -> Identity | None:
        return self.registry.find(device, module)

    def ensure_module(self, device: str, module: str, managed_by: str | None) -> Identity:
        return self.registry.ensure_module(device, module, managed_by)

    def remove_module(self, device: str, module: str) -> None:
        self.registry.remove_module(device, module)

    def check_token(self, resource: str, token: str) -> bool:
        return self.authentication.check_token(resource, token)

    def twin(self, device: str, module: str | None = None) -> Twin:
        return self.twins.get(device, module).snapshot()

    def report(self, device: str, module: str | None, patch: dict[str, Any]) -> int:
        return self.twins.report(device, module, patch).reported.version

    def append(self, device: str, module: str | None, messages: Sequence[D2CMessage]) -> None:
        self.ingress.append(device, module, messages)

    def connection(self, device: str, module: str | None, connected: bool) -> None:
        self.presences.connection(device, module, connected)

    def subscribe(self, device: str) -> Subscription:
        return self.subscriptions.open(device)
