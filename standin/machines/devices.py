"""What a machine asks of whoever runs the modules of devices: `standin.edgeruntime` answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class RunningModule(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str:
        """running, stopped, failed: as `iotedge list` has it."""

    @property
    def description(self) -> str: ...
    @property
    def image(self) -> str: ...
    @property
    def id(self) -> str: ...


class Devices(Protocol):
    async def power_on(self, hub: str, device: str, token: str) -> None:
        """The device's modules start anew. ServiceError where hub or device are unknown, or the hub does not take the
        token."""

    async def power_off(self, hub: str, device: str, *, orderly: bool) -> None:
        """They end; a device that is gone has none."""

    async def modules(self, hub: str, device: str) -> Sequence[RunningModule]: ...
