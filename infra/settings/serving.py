"""The places that serve a model over HTTPS, as a stack file has them: one Struct a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from contracts.limits import ServerSettings


class Served(ServerSettings, frozen=True, tag_field="kind"):
    """What all kinds share. `memory_mb` is what the server may have, `memory_told` the key and value that say so."""

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class ContainerGroupSettings(Served, frozen=True, tag="containerGroup"):
    cpu: Annotated[float, Meta(ge=0.1, le=4)] = 1.0
    memory_gb: Annotated[float, Meta(ge=0.1, le=16)] = 1.0

    @property
    def memory_mb(self) -> int:
        return int(self.memory_gb * 1024)

    @property
    def memory_told(self) -> str:
        return f"memoryGb: {self.memory_gb:g}"


@dataclass(frozen=True, slots=True)
class InstanceType:
    cores: int
    memory_gb: float
    """Of the machine; what Azure runs beside the container takes some of it."""


_GENERAL = {2: 8, 4: 16, 8: 32, 16: 64, 32: 128, 48: 192, 64: 256, 96: 384}
_IN_MEMORY = {2: 16, 4: 32, 8: 64, 16: 128, 32: 256, 48: 384, 64: 432}
_COMPUTE = {2: 4, 4: 8, 8: 16, 16: 32, 32: 64, 48: 96, 64: 128, 72: 144}


def _series(name: str, sizes: Mapping[int, float]) -> dict[str, InstanceType]:
    return {name.format(cores): InstanceType(cores, memory_gb) for cores, memory_gb in sizes.items()}


# What Azure lists for managed endpoints, but for GPUs and machines for large disks.
# https://learn.microsoft.com/azure/machine-learning/reference-managed-online-endpoints-vm-sku-list
INSTANCE_TYPES: Mapping[str, InstanceType] = {
    "Standard_DS1_v2": InstanceType(1, 3.5),
    "Standard_DS2_v2": InstanceType(2, 7),
    "Standard_DS3_v2": InstanceType(4, 14),
    "Standard_DS4_v2": InstanceType(8, 28),
    "Standard_DS5_v2": InstanceType(16, 56),
    **_series("Standard_D{}as_v4", _GENERAL),
    **_series("Standard_D{}a_v4", _GENERAL),
    **_series("Standard_E{}s_v3", _IN_MEMORY),
    **_series("Standard_F{}s_v2", _COMPUTE),
}
_LISTED = (
    "Standard_DS1_v2 to Standard_DS5_v2, and with their number of cores Standard_D2as_v4, Standard_D2a_v4 (to 96), "
    "Standard_E2s_v3 (to 64) and Standard_F2s_v2 (to 72): what Azure lists for managed online endpoints, without GPUs"
)


class OnlineSettings(Served, frozen=True, tag="online"):
    """A managed online endpoint of Azure ML, and how it changes over to another model."""

    instance_type: Annotated[str, Meta(pattern=rf"^({'|'.join(INSTANCE_TYPES)})\Z", description=_LISTED)] = (
        "Standard_DS2_v2"
    )
    instances: Annotated[int, Meta(ge=1, le=50)] = 1
    traffic: Annotated[tuple[Annotated[int, Meta(ge=1, le=100)], ...], Meta(min_length=1)] = (10, 50, 100)
    """The shares in percent that a new deployment gets, one after the other."""
    hold_seconds: Annotated[int, Meta(ge=0, le=3600)] | None = None
    """At each share. None: as `held_seconds` says."""
    probes: Annotated[int, Meta(ge=1, le=10_000)] = 100
    """Golden requests that the new deployment answers before each share, and at it."""

    @property
    def memory_mb(self) -> int:
        return int(INSTANCE_TYPES[self.instance_type].memory_gb * 1024)

    @property
    def memory_told(self) -> str:
        return f"instanceType: {self.instance_type}"

    def held_seconds(self, *, local: bool) -> int:
        """Azure's metrics come by the minute; the stand-in's users are those of a test."""
        return (5 if local else 180) if self.hold_seconds is None else self.hold_seconds


EndpointSettings = ContainerGroupSettings | OnlineSettings
