"""A group of containers as its owner wants it: typed, whole, and free of any service's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from standin.containers.probes import Probe


class RestartPolicy(Enum):
    """The values are Docker's names."""

    ALWAYS = "unless-stopped"
    ON_FAILURE = "on-failure"
    NEVER = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    number: int
    protocol: str = "tcp"

    @property
    def docker(self) -> str:
        return f"{self.number}/{self.protocol}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    volume: str
    path: str
    read_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    name: str
    secret_files: Mapping[str, bytes] | None = field(default=None, repr=False)
    """Held in memory only, for root alone. None: a directory on disk that lives as long as the group."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What the directory on disk begins with, for everybody to read; names may lead into folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    name: str
    image: str
    command: tuple[str, ...]
    """Replaces the image's entry point; empty keeps it."""
    environment: Mapping[str, str] = field(repr=False)
    cpu: float
    memory_gb: float
    mounts: tuple[Mount, ...]
    liveness: Probe | None
    readiness: Probe | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupNames:
    """What a group is called in Docker."""

    kind: str
    """Whose group it is: the label `edgeway.kind` of all that belongs to it."""
    group: str
    """Unique on this engine."""

    @property
    def network(self) -> str:
        return self.group

    @property
    def host(self) -> str:
        """Linux takes 63 characters of a host's name."""
        return self.group[:63].rstrip("-")

    @property
    def pause(self) -> str:
        return f"{self.group}-pause"

    def container(self, name: str) -> str:
        return f"{self.group}-{name}"

    def volume(self, name: str) -> str:
        return f"{self.group}-{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    key: str
    """Unique in the stand-in; what is remembered of the group is kept under it."""
    names: GroupNames
    run: str
    """Counts the group's roll-outs; its containers carry the one that they belong to."""
    address: str | None
    """Where its ports appear on this machine. None: nowhere."""
    ports: tuple[Port, ...]
    containers: tuple[Container, ...]
    volumes: tuple[Volume, ...]
    restart_policy: RestartPolicy
    capabilities: tuple[str, ...] = ()
    """What root may do in its containers; no other user has any."""
    sysctls: Mapping[str, str] = field(default_factory=dict)
    """Of the network that its containers share."""
