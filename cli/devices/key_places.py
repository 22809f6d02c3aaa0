"""Where the key of a device is whose machine is a virtual one of the stack: its hub, its vault and the machine."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from cli.azure import PATIENT, iot_hub
from cli.devices.machine import VirtualMachine
from cli.errors import Failed, Unreached
from cloud.arrival import EDGE_AGENT
from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import DeviceKeys, change_device_keys, device_keys
from cloud.machines.key_vault import KeyVault, Secret
from cloud.operation import Waiting
from edge.machine import commands

CONNECT_SECONDS = 300.0
_PAUSE_SECONDS = 2.0
_CLOCKS_APART = timedelta(seconds=5)
"""How far the hub's clock may be behind the vault's."""


class KeyPlaces:
    def __init__(
        self, hub_host: str, device: str, machine: VirtualMachine, connect_seconds: float = CONNECT_SECONDS
    ) -> None:
        self._hub = iot_hub(hub_host, PATIENT)
        self._device = device
        self._machine = machine
        self._vault = KeyVault(Waiting(), machine.vault, PATIENT)
        self._connect_seconds = connect_seconds

    def keys(self) -> DeviceKeys:
        return device_keys(self._hub, self._device)

    def change_keys(self, before: DeviceKeys, *, primary: str, secondary: str) -> None:
        change_device_keys(self._hub, before, primary=primary, secondary=secondary)

    def kept(self) -> str:
        return self._secret().value

    def keep(self, key: str) -> None:
        before = self._secret()
        self._vault.set_secret(self._machine.secret, key, before.tags)

    def fetch(self) -> str:
        return self._machine.run(commands.provision()).strip()

    def wait_until_connected(self) -> None:
        written = self._secret().written - _CLOCKS_APART
        deadline = time.monotonic() + self._connect_seconds
        while (heard := self._heard()) is None or heard < written:
            if time.monotonic() > deadline:
                found = "is not connected" if heard is None else f"was heard of at {heard:%H:%M:%S} last, before that"
                raise Unreached(
                    f"the agent of device {self._device!r} {found}, {self._connect_seconds:.0f} s after its machine "
                    "got the new key; both keys work: run it again once it is connected"
                )
            time.sleep(_PAUSE_SECONDS)

    def _secret(self) -> Secret:
        try:
            return self._vault.secret(self._machine.secret)
        except ServiceError as error:
            if is_missing(error):  # the hub has the device all the same
                raise Failed(f"there is no {error.what}: `up` puts it there again") from error
            raise

    def _heard(self) -> datetime | None:
        """When the agent, if it answers now, connected or told something: the hub may say of one that connected that it
        has not, and an agent that starts tells so."""
        if not self._hub.agent_answers(self._device):
            return None
        twin = self._hub.module_twin(self._device, EDGE_AGENT)
        told = (twin["properties"]["reported"].get("$metadata") or {}).get("$lastUpdated")
        moments = [self._hub.agent_connected_since(self._device), datetime.fromisoformat(told) if told else None]
        return max((moment for moment in moments if moment is not None), default=None)
