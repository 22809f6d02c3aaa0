"""Sees to it that each edge device has what the configurations amount to, whichever of the two changed.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
"""

from __future__ import annotations

from datetime import timedelta

from standin.core.clock import Clock
from standin.iothub.configurations.content import ModulesContent
from standin.iothub.configurations.rollout import Rollout
from standin.iothub.configurations.schedule import Schedule
from standin.iothub.kernel.errors import BadRequest
from standin.iothub.kernel.transactions import Transactions
from standin.iothub.registry.identity import Identity
from standin.iothub.registry.state import IdentityRegistry
from standin.iothub.twins.twin import TwinRecord


class Deployments:
    """`lag_s` is what the `slow` profile puts between a change and the roll-out that follows from it."""

    def __init__(
        self, clock: Clock, lag_s: float, registry: IdentityRegistry, rollout: Rollout, transactions: Transactions
    ) -> None:
        self._registry = registry
        self._rollout = rollout
        self._transactions = transactions
        self._schedule = Schedule(clock, timedelta(seconds=lag_s), rollout.evaluate, self._evaluate_waiting)
        self.stop = self._schedule.stop

    def catch_up(self) -> None:
        """With what was waiting for the lag when the process ended."""
        self.configurations_changed()
        self._evaluate_waiting()

    def _evaluate_waiting(self) -> None:
        with self._transactions.begin():
            self._schedule.run()

    def set_modules(self, device: str, content: ModulesContent) -> None:
        """One device's own deployment. Raises NotFound, and BadRequest where it is no edge device."""
        if not self._registry.get(device).edge:
            raise BadRequest(f"The device '{device}' is not an IoT Edge device.")
        with self._transactions.begin():
            self._rollout.set_modules(device, content)
            self._schedule.add([device])

    # -- what to hear of, within a transaction

    def settle(self) -> None:
        """Before its commit."""
        self._schedule.settle()
        self._transactions.afterwards(self._schedule.later)

    def configurations_changed(self) -> None:
        self._schedule.add(identity.device for identity in self._registry.edge_devices())

    def identity_changed(self, old: Identity | None, new: Identity | None) -> None:
        identity = new or old
        if identity is not None and identity.module is None:
            self._schedule.add([identity.device])

    def twin_changed(self, old: TwinRecord, new: TwinRecord) -> None:
        if new.module is None:
            reported = new.reported.version != old.reported.version and self._rollout.looks_at_reported
            if new.tags is not old.tags or reported:
                self._schedule.add([new.device])
