"""What Docker is told of a module's container, typed where a layer's author writes it, and as Docker's JSON.

Nothing is refused here: what stands in a field goes where Docker has it, so that one rule (`rules.docker`) judges what
is typed and what is written by hand in `create_options`, by the same path.
https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerCreate
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MIB = 1024 * 1024
_ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume that Docker keeps on the device: what is written there outlives the container, and its deployment."""

    name: str
    target: str
    """Where the module sees it."""
    read_only: bool = False

    def docker(self) -> dict[str, Any]:
        return {"Type": "volume", "Source": self.name, "Target": self.target, "ReadOnly": self.read_only}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """A file or folder of the device. Where it is missing there, Docker does not make the container."""

    source: str
    """On the device."""
    target: str
    read_only: bool = False

    def docker(self) -> dict[str, Any]:
        return {"Type": "bind", "Source": self.source, "Target": self.target, "ReadOnly": self.read_only}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tmpfs:
    """Memory that looks like a folder, and is gone with the container."""

    target: str
    size_mb: int
    """In MiB. It counts as the module's memory."""

    def docker(self) -> dict[str, Any]:
        return {"Type": "tmpfs", "Target": self.target, "TmpfsOptions": {"SizeBytes": _times(self.size_mb, MIB)}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device file, such as /dev/video0."""

    path: str
    """On the device, and in the module where `target` says no other."""
    target: str | None = None
    access: str = "rwm"
    """Of r (read), w (write) and m (mknod)."""

    def docker(self) -> dict[str, Any]:
        target = self.path if self.target is None else self.target
        return {"PathOnHost": self.path, "PathInContainer": target, "CgroupPermissions": self.access}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What Docker keeps of a module's output, in files that turn over."""

    size_mb: int = 10
    """Of a file, in MiB."""
    files: int = 3

    def docker(self) -> dict[str, Any]:
        return {
            "Type": "json-file",
            "Config": {"max-size": _counted(self.size_mb, "m"), "max-file": _counted(self.files, "")},
        }


Mount = Volume | Bind | Tmpfs


class SetTwiceError(ValueError):
    """A member stands in a field of a module and in its `create_options`, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The part of a module that Docker reads: fields for what layers often say, `create_options` for the rest."""

    create_options: Mapping[str, Any] = field(default_factory=dict)
    """The body of Docker's container create, as JSON."""
    user: str | None = None
    """`user` or `user:group`, by name or number; None for the image's own."""
    logs: Logs | None = None
    memory_mb: int | None = None
    """In MiB, without swap; None for no limit."""
    cpus: float | None = None
    """Of one core's time; None for no limit."""
    mounts: Sequence[Mount] = ()
    devices: Sequence[Device] = ()
    gpu: bool = False
    """Every GPU of the device. Docker starts no such container where it has none."""

    def docker(self) -> dict[str, Any]:
        """The body of Docker's container create. SetTwiceError where a field and `create_options` set one member."""
        options = _both(self.create_options, {} if self.user is None else {"User": self.user}, "")
        if typed := dict(self._host_config()):
            options["HostConfig"] = _both(options.get("HostConfig") or {}, typed, "HostConfig.")
        return options

    def _host_config(self) -> Iterator[tuple[str, Any]]:
        if self.logs is not None:
            yield "LogConfig", _docker(self.logs)
        if self.memory_mb is not None:
            memory = _times(self.memory_mb, MIB)
            # the same as the memory: no swap
            yield from (("Memory", memory), ("MemorySwap", memory))
        if self.cpus is not None:
            yield "NanoCpus", _times(self.cpus, 1_000_000_000)
        if self.mounts != ():
            yield "Mounts", _each(self.mounts)
        if self.devices != ():
            yield "Devices", _each(self.devices)
        if self.gpu is not False:
            # as `docker run --gpus all` asks: of any driver, all there are, one alternative of capabilities
            yield "DeviceRequests", [{"Count": _ALL, "Capabilities": [["gpu"]]}] if self.gpu is True else self.gpu


def _both(given: Mapping[str, Any], typed: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Names count in any case, as they do for Docker."""
    if not isinstance(given, Mapping):
        raise SetTwiceError(
            f"{place.rstrip('.') or 'create_options'} is no object, and fields of the module stand in it"
        )
    there = {str(name).lower() for name in given}
    for name in typed:
        if name.lower() in there:
            raise SetTwiceError(
                f"{place}{name} is set by a field of the module, and in its create_options: once is enough"
            )
    return {**given, **typed}


def _each(items: Any) -> Any:
    return [_docker(item) for item in items] if isinstance(items, list | tuple) else _docker(items)


def _docker(value: Any) -> Any:
    """What is none of the types above stays as it is, and is judged as Docker's own JSON."""
    return value.docker() if isinstance(value, Volume | Bind | Tmpfs | Device | Logs) else value


def _times(value: Any, factor: int) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return round(value * factor) if is_number else value


def _counted(value: Any, unit: str) -> Any:
    return f"{value}{unit}" if isinstance(value, int) and not isinstance(value, bool) else value
