"""One IoT Hub: its registry, twins, configurations and messages, and what the edge runtime asks of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from standin.core.clock import iso
from standin.iothub.configurations.content import ModulesContent
from standin.iothub.configurations.rollout import Rollout
from standin.iothub.configurations.state import Configurations
from standin.iothub.eventhub.annotated import encoder
from standin.iothub.eventhub.endpoint import Endpoint
from standin.iothub.events.log import Entry, EventLog
from standin.iothub.events.message import D2CMessage
from standin.iothub.kernel.errors import BadRequest, MethodTimeout, NotOnline, TooLarge
from standin.iothub.kernel.hub_record import DEVICE, POLICIES, SERVICE, HubRecord
from standin.iothub.kernel.tokens import TokenError, parse_token
from standin.iothub.kernel.transactions import Transactions
from standin.iothub.registry.identity import Identity
from standin.iothub.registry.state import IdentityRegistry
from standin.iothub.schedule import Schedule
from standin.iothub.subscriptions import Invocation, Subscription, Subscriptions
from standin.iothub.twins.state import Twins
from standin.iothub.twins.twin import Presence, Twin, TwinRecord, document

if TYPE_CHECKING:
    from standin.core.world import World

MESSAGE_BYTES = 256 * 1024


class Hub:
    def __init__(self, world: World, record: HubRecord, edge_changed: Callable[[Hub, str], None]) -> None:
        self._world = world
        self._clock = world.clock
        self._record = record
        self._edge_changed = edge_changed
        self._presence: dict[tuple[str, str | None], Presence] = {}
        self._folder = world.state / "iothub" / record.name
        self._subscriptions = Subscriptions(world.clock, timedelta(seconds=world.profile.twin_lag_s))
        self.registry = IdentityRegistry(world.store, world.clock, record.name, self._identity_changed)
        self.twins = Twins(world.store, world.clock, record.name, self._twin_changed)
        self.configurations = Configurations(
            world.store,
            world.clock,
            record.name,
            limit=record.configurations_limit,
            changed=self._configurations_changed,
        )
        self._rollout = Rollout(self.registry, self.twins, self.configurations, self)
        lag = timedelta(seconds=world.profile.configuration_lag_s)
        self._schedule = Schedule(world.clock, lag, self._rollout.evaluate, self._evaluate_waiting)
        self._transactions = Transactions(world.store, settle=self._settle, reload=self._reload)
        self.transaction = self._transactions.begin
        self.log = EventLog(
            self._folder / "events.db",
            partitions=record.partitions,
            retention=timedelta(days=record.retention_days),
            now=world.clock.now,
        )
        self.endpoint = Endpoint(
            record.name,
            log=self.log,
            created=datetime.fromisoformat(record.created),
            keys=self._reader_keys,
            groups=lambda: {"$default", *(group.lower() for group in self._record.groups)},
        )

    # -- life

    @property
    def name(self) -> str:
        return self._record.name

    @property
    def host(self) -> str:
        return self._record.host

    @property
    def record(self) -> HubRecord:
        return self._record

    def adopt(self, record: HubRecord) -> None:
        """Retention or consumer groups changed."""
        self._record = record
        self.log.retention = timedelta(days=record.retention_days)

    def start(self) -> None:
        """Catches up with what was waiting for the lag when the process ended."""
        self._configurations_changed()
        self._evaluate_waiting()

    async def stop(self) -> None:
        await self._schedule.stop()
        self._subscriptions.close()
        self.endpoint.close()
        self.log.close()

    async def destroy(self) -> None:
        """Takes everything of the hub away, messages included."""
        edge = self.edge_devices()
        with self.transaction():
            self.registry.clear()
            self.twins.clear()
            self.configurations.clear()
        for device in edge:
            self._edge_changed(self, device)
        await self.stop()
        for file in self._folder.glob("*"):
            file.unlink()
        self._folder.rmdir()

    def _settle(self) -> None:
        self._schedule.settle()
        self._transactions.afterwards(self._schedule.later)

    def _reload(self) -> None:
        self.registry.reload()
        self.twins.reload()
        self.configurations.reload()

    # -- what one change brings about

    def _identity_changed(self, old: Identity | None, new: Identity | None) -> None:
        identity = new or old
        assert identity is not None
        device, module = identity.device, identity.module
        if old is None:
            self.twins.create(device, module)
        if new is None:
            self.twins.delete(device, module)
            self._transactions.afterwards(lambda: self._forget(device, module))
        if module is None:
            self._schedule.add([device])
            if any(one is not None and one.edge for one in (old, new)):
                self._transactions.afterwards(lambda: self._edge_changed(self, device))
        self._transactions.afterwards(lambda: self._tell_identity(device))

    def _forget(self, device: str, module: str | None) -> None:
        if self.registry.find(device, module) is None:
            self._presence.pop((device, module), None)

    def _tell_identity(self, device: str) -> None:
        self._subscriptions.publish(device, ("identity",))

    def _twin_changed(self, old: TwinRecord, new: TwinRecord) -> None:
        if new.desired.version != old.desired.version:
            snapshot = new.snapshot()
            self._transactions.afterwards(lambda: self._tell_desired(snapshot))
        if new.module is None:
            reported = new.reported.version != old.reported.version and self._rollout.looks_at_reported
            if new.tags is not old.tags or reported:
                self._schedule.add([new.device])

    def _tell_desired(self, twin: Twin) -> None:
        self._subscriptions.publish(twin.device, ("desired", twin.module, twin))

    def _configurations_changed(self) -> None:
        self._schedule.add(self.edge_devices())

    def _evaluate_waiting(self) -> None:
        with self.transaction():
            self._schedule.run()

    # -- identities

    @property
    def devices(self) -> list[str]:
        return [identity.device for identity in self.registry.devices()]

    def edge_devices(self) -> list[str]:
        return [identity.device for identity in self.registry.devices() if identity.edge]

    def modules(self, device: str) -> list[Identity]:
        return self.registry.modules(device)

    def identity(self, device: str, module: str | None = None) -> Identity | None:
        return self.registry.find(device, module)

    def ensure_module(self, device: str, module: str, managed_by: str | None) -> Identity:
        with self.transaction():
            return self.registry.ensure_module(device, module, managed_by)

    def remove_module(self, device: str, module: str) -> None:
        """One that is already gone is no error."""
        if self.registry.find(device, module) is not None:
            with self.transaction():
                self.registry.delete(device, module, None)

    def check_token(self, resource: str, token: str) -> bool:
        """Whether the SAS `token` lets its bearer act as `resource` (`<host>/devices/<d>[/modules/<m>]`).

        It is signed with a key of that module, of its device, or of a policy with DeviceConnect; not expired; and the
        identity exists and is enabled.
        """
        try:
            parsed = parse_token(token)
            parsed.check(self._device_keys(parsed.resource, parsed.policy))
        except TokenError:
            return False
        identities = [self.registry.find(*parts) for parts in _owners(resource)]
        enabled = bool(identities) and all(one is not None and one.enabled for one in identities)
        return enabled and parsed.covers(resource)

    def _device_keys(self, resource: str, policy: str | None) -> list[str]:
        if policy is not None:
            return self.policy_keys(policy, DEVICE)
        owners = _owners(resource)
        allowed = self._record.module_sas if len(owners) == 2 else self._record.device_sas
        identity = self.registry.find(*owners[-1]) if owners and allowed else None
        return [identity.primary_key, identity.secondary_key] if identity is not None else []

    def policy_keys(self, policy: str, right: str) -> list[str]:
        """None for a policy that does not exist or lacks the right; none at all where local authentication is off."""
        keys = self._record.policies.get(policy) if self._record.local_auth else None
        return [keys.primary, keys.secondary] if keys is not None and right in POLICIES[policy] else []

    def _reader_keys(self, policy: str) -> list[str]:
        return self.policy_keys(policy, SERVICE)

    # -- twins

    def twin(self, device: str, module: str | None = None) -> Twin:
        return self.twins.get(device, module).snapshot()

    def document(self, device: str, module: str | None = None) -> Mapping[str, Any]:
        """A twin as the service API shows it and as queries see it."""
        identity = self.registry.get(device, module)
        return document(self.twins.get(device, module), identity, self.presence(device, module))

    def report(self, device: str, module: str | None, patch: dict[str, Any]) -> int:
        """Merges reported properties (null deletes); -> the new `$version`. BadRequest above the twin's limits."""
        with self.transaction():
            return self.twins.report(device, module, patch).reported.version

    def set_modules(self, device: str, content: ModulesContent) -> None:
        if not self.registry.get(device).edge:
            raise BadRequest(f"The device '{device}' is not an IoT Edge device.")
        with self.transaction():
            self._rollout.set_modules(device, content)
            self._schedule.add([device])

    # -- presence, messages, methods

    def presence(self, device: str, module: str | None) -> Presence:
        return self._presence.get((device, module), Presence())

    def connection(self, device: str, module: str | None, connected: bool) -> None:
        """Not kept over a restart: whoever is connected says so again."""
        now = iso(self._clock.now())
        old = self.presence(device, module)
        changed = now if connected is not old.connected else old.changed
        self._presence[device, module] = Presence(connected=connected, changed=changed, last_activity=now)

    def append(self, device: str, module: str | None, messages: Sequence[D2CMessage]) -> None:
        """On disk when it returns, all or none, in one commit. Raises NotFound, and TooLarge above 256 KB."""
        sender = self.registry.get(device, module)
        for message in messages:
            size = _size(message)
            if size > MESSAGE_BYTES:
                raise TooLarge(f"The message has {size} bytes, allowed are {MESSAGE_BYTES}.")
        partition = self.log.partition_of(device)
        self.log.append(Entry(partition, encoder(message, sender)) for message in messages)
        self._presence[device, module] = replace(self.presence(device, module), last_activity=iso(self._clock.now()))

    def subscribe(self, device: str) -> Subscription:
        return self._subscriptions.open(device)

    async def invoke(
        self, device: str, module: str | None, invocation: Invocation, *, connect_timeout_s: int = 0
    ) -> tuple[int, Any]:
        """-> status and payload of a direct method's answer."""
        self.registry.get(device, module)
        if not await self._connected(device, module, connect_timeout_s):
            raise not_online(connect_timeout_s)
        if not self._subscriptions.publish(device, ("method", module, invocation)):
            raise not_online(connect_timeout_s)
        try:
            return await invocation.answer()
        except TimeoutError as error:
            raise MethodTimeout("Timed out waiting for the response from device.") from error

    async def _connected(self, device: str, module: str | None, timeout_s: int) -> bool:
        def connected() -> bool:
            return self.presence(device, module).connected

        if not connected() and timeout_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._clock.wait_until(connected), timeout_s)
        return connected()


def not_online(timeout_s: int) -> NotOnline:
    details = {"timeout": str(timedelta(seconds=timeout_s)).rjust(8, "0")}
    return NotOnline("Timed out waiting for device to connect.", details=details)


def _owners(resource: str) -> list[tuple[str, str | None]]:
    """The identities that `<host>/devices/<d>[/modules/<m>]` names: the device, then the module. None for another."""
    match resource.split("/")[1:]:
        case ["devices", device]:
            return [(device, None)]
        case ["devices", device, "modules", module]:
            return [(device, None), (device, module)]
        case _:
            return []


def _size(message: D2CMessage) -> int:
    pairs = [*message.system.items(), *message.properties.items()]
    return len(message.body) + sum(len(name) + len(value) for name, value in pairs)
