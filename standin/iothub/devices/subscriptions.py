"""What happens to a device and its modules, for whoever runs that device."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from standin.core.clock import Clock
from standin.iothub.devices.invocation import Invocation
from standin.iothub.kernel.transactions import Afterwards
from standin.iothub.registry.identity import Identity
from standin.iothub.twins.twin import Twin, TwinRecord

DesiredEvent = tuple[Literal["desired"], str | None, Twin]
IdentityEvent = tuple[Literal["identity"]]
MethodEvent = tuple[Literal["method"], str | None, Invocation]
Event = DesiredEvent | IdentityEvent | MethodEvent


@dataclass(frozen=True, slots=True)
class _Due:
    event: Event
    at: datetime


class Subscription:
    """`async for event in subscription`, or `await subscription.get()`; `close` ends the iteration.

    ("desired", module or None, twin) after desired properties changed; ("identity",) after an identity of the device
    came, went or changed (its keys, its status); ("method", module or None, invocation).
    """

    def __init__(self, clock: Clock, on_close: Callable[[Subscription], None]) -> None:
        self._clock = clock
        self._on_close = on_close
        self._events: deque[_Due] = deque()
        self._arrived = asyncio.Event()
        self.closed = False

    def put(self, event: Event, at: datetime) -> None:
        self._events.append(_Due(event, at))
        self._arrived.set()

    async def get(self) -> Event:
        """Raises EOFError once closed."""
        while not self.closed:
            if self._events:
                # taken only when it is due: a cancelled `get` loses nothing
                await self._clock.wait_until(self._events[0].at)
                if self._events:
                    return self._events.popleft().event
                continue
            self._arrived.clear()
            await self._arrived.wait()
        raise EOFError("the subscription is closed")

    async def __aiter__(self) -> AsyncIterator[Event]:
        while not self.closed:
            try:
                yield await self.get()
            except EOFError:
                return

    def close(self) -> None:
        self.closed = True
        self._events.clear()
        self._arrived.set()
        self._on_close(self)


class Subscriptions:
    """`lag_s` is what the `slow` profile puts between a change and the device's hearing of it."""

    def __init__(self, clock: Clock, lag_s: float, afterwards: Afterwards) -> None:
        self._clock = clock
        self._lag = timedelta(seconds=lag_s)
        self._afterwards = afterwards
        self._by_device: dict[str, list[Subscription]] = {}

    def open(self, device: str) -> Subscription:
        def drop(closed: Subscription) -> None:
            if closed in self._by_device.get(device, []):
                self._by_device[device].remove(closed)

        subscription = Subscription(self._clock, drop)
        self._by_device.setdefault(device, []).append(subscription)
        return subscription

    def publish(self, device: str, event: Event) -> bool:
        """Whether anybody listens."""
        listening = self._by_device.get(device, [])
        at = self._clock.now() if event[0] == "method" else self._clock.now() + self._lag
        for subscription in listening:
            subscription.put(event, at)
        return bool(listening)

    def _tell(self, device: str, event: Event) -> None:
        self.publish(device, event)

    def identity_changed(self, old: Identity | None, new: Identity | None) -> None:
        identity = new or old
        if identity is not None:
            device = identity.device
            self._afterwards(lambda: self._tell(device, ("identity",)))

    def twin_changed(self, old: TwinRecord, new: TwinRecord) -> None:
        if new.desired.version != old.desired.version:
            twin = new.snapshot()
            self._afterwards(lambda: self._tell(twin.device, ("desired", twin.module, twin)))

    def close(self) -> None:
        for subscription in [one for several in self._by_device.values() for one in several]:
            subscription.close()
