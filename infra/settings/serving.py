"""The places that serve a model over HTTPS, as a stack file has them: one Struct a kind."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.limits import ServerSettings
from infra.settings.machines.instance_types import INSTANCE_TYPES, LISTED


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


DEFAULT_INSTANCE_TYPE = "defaultinstancetype"
"""What every cluster has once it is attached."""
DEFAULT_INSTANCE_TYPE_BOUND = 2
"""Its limits, in cores and in GB, which the replicas of an endpoint must be below."""


class ChangedOver(Served, frozen=True, kw_only=True):
    """An online endpoint of Azure ML, and how it changes over to another model."""

    traffic: Annotated[tuple[Annotated[int, Meta(ge=1, le=100)], ...], Meta(min_length=1)] = (10, 50, 100)
    """The shares in percent that a new deployment gets, one after the other."""
    hold_seconds: Annotated[int, Meta(ge=0, le=3600)] | None = None
    """At each share. None: as `held_seconds` says."""
    probes: Annotated[int, Meta(ge=1, le=10_000)] = 100
    """Golden requests that the new deployment answers before each share, and at it."""

    def held_seconds(self, *, local: bool) -> int:
        """Azure's metrics come by the minute; the stand-in's users are those of a test."""
        return (5 if local else 180) if self.hold_seconds is None else self.hold_seconds


class OnlineSettings(ChangedOver, frozen=True, tag="online"):
    """On machines of Azure ML's own."""

    instance_type: Annotated[str, Meta(pattern=rf"^({'|'.join(INSTANCE_TYPES)})\Z", description=LISTED)] = (
        "Standard_DS2_v2"
    )
    instances: Annotated[int, Meta(ge=1, le=50)] = 1

    @property
    def memory_mb(self) -> int:
        return int(INSTANCE_TYPES[self.instance_type].memory_gb * 1024)

    @property
    def memory_told(self) -> str:
        return f"instanceType: {self.instance_type}"


class KubernetesSettings(ChangedOver, frozen=True, tag="kubernetes"):
    """In containers of a Kubernetes cluster that is attached to the workspace."""

    compute: Annotated[str, Meta(min_length=1, description="the name of a compute of kind kubernetes")]
    replicas: Annotated[int, Meta(ge=1, le=100)] = 2
    cpu: Annotated[float, Meta(ge=0.1, le=64)] = 0.5
    """Of a replica: what it is given, and what it may not pass."""
    memory_gb: Annotated[float, Meta(ge=0.1, le=256)] = 1.0
    instance_type: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?\Z",
            description="the name of an InstanceType that the cluster has: a-z, 0-9, - and .",
        ),
    ] = DEFAULT_INSTANCE_TYPE
    """Bounds what a replica may have. Another than the default somebody has made in the cluster with kubectl."""

    @property
    def memory_mb(self) -> int:
        return int(self.memory_gb * 1024)

    @property
    def memory_told(self) -> str:
        return f"memoryGb: {self.memory_gb:g}"


EndpointSettings = ContainerGroupSettings | OnlineSettings | KubernetesSettings
