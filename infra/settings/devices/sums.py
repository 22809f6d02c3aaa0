"""What the layers of one device ask of it together: memory, ports, GPUs, modules, and room in its twins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.manifest import AGENT, HUB, HUB_PORTS, MAX_DESIRED_BYTES, MAX_MODULES, twin_size
from infra.settings import layers
from infra.settings.contents import content
from infra.settings.layers import PlannedLayer
from infra.settings.tree import PROJECT, DeviceSettings, Settings
from infra.settings.wording import Problem

BASE_BYTES: Mapping[str, int] = {AGENT: 1536, HUB: 256}
"""Of a twin, for what the base deployment says there."""
_MIB = 1024 * 1024
_EVERYWHERE = ("", "0.0.0.0", "::")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What Docker is told of one module of a device."""

    layer: str
    module: str
    options: Mapping[str, Any]

    @property
    def host(self) -> Mapping[str, Any]:
        return self.options.get("HostConfig") or {}

    @property
    def memory_mb(self) -> int:
        """0 for no limit."""
        return int(self.host.get("Memory") or 0) // _MIB

    @property
    def wants_gpu(self) -> bool:
        requests = self.host.get("DeviceRequests") or []
        kinds = [kind for one in requests for kinds in one.get("Capabilities") or [] for kind in kinds]
        return "gpu" in kinds or self.host.get("Runtime") == "nvidia"

    def ports(self) -> Iterator[tuple[str, str, str]]:
        """Address, port and protocol on the device. Of a range Docker takes what is free."""
        for name, bindings in (self.host.get("PortBindings") or {}).items():
            protocol = str(name).partition("/")[2] or "tcp"
            for one in bindings or []:
                if str(one.get("HostPort") or "").isdecimal():
                    yield str(one.get("HostIp") or ""), str(one["HostPort"]), protocol


def misfits(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    for index, device in enumerate(settings.devices):
        theirs = layers.on_device(layers.twin(settings, index), planned)
        asked = asked_of(theirs)
        key = f"{PROJECT}:devices[{index}]"
        yield from _ports(key, device, asked)
        yield from _gpus(key, device, asked)
        yield from _memory(key, device, asked)
        if len(asked) > MAX_MODULES:
            shares = _shares((one.layer, 1) for one in asked)
            yield Problem(
                key, f"{device.id}: of modules {MAX_MODULES} are allowed, and it gets {len(asked)} ({shares})"
            )
        yield from _twins(key, device, theirs)


def asked_of(theirs: Sequence[PlannedLayer]) -> list[Asked]:
    """By the layers of one device."""
    return [
        Asked(layer=layer.name, module=name, options=module.docker())
        for layer in theirs
        for name, module in layer.planned.modules.items()
    ]


def _ports(key: str, device: DeviceSettings, asked: Sequence[Asked]) -> Iterator[Problem]:
    bound = [("", str(port), "tcp", "edgeHub") for port in HUB_PORTS]
    for one in asked:
        for address, port, protocol in one.ports():
            who = f"{one.module} of {one.layer}"
            for other_address, other_port, other_protocol, other in bound:
                apart = address != other_address and not {address, other_address} & set(_EVERYWHERE)
                if (port, protocol) == (other_port, other_protocol) and not apart:
                    wanted = f"wanted twice by {who}" if other == who else f"wanted by {other} and by {who}"
                    yield Problem(key, f"{device.id}: port {port}/{protocol} is {wanted}; one of them is allowed")
                    break
            bound.append((address, port, protocol, who))


def _gpus(key: str, device: DeviceSettings, asked: Sequence[Asked]) -> Iterator[Problem]:
    for one in asked:
        if one.wants_gpu and not device.gpu:
            yield Problem(
                f"{key}.gpu",
                f"{device.id} gets {one.module} of {one.layer}, which asks for a GPU; gpu: true is wanted where the "
                'device has one with its container toolkit: without, Docker does not start the module ("could not '
                'select device driver")',
            )


def _memory(key: str, device: DeviceSettings, asked: Sequence[Asked]) -> Iterator[Problem]:
    total = sum(one.memory_mb for one in asked)
    if device.memory_mb is None or total <= device.memory_mb:
        return
    shares = "; ".join(f"{one.module} of {one.layer} {one.memory_mb}" for one in asked if one.memory_mb)
    free = [one.module for one in asked if not one.memory_mb]
    rest = f"; not counted, as they have no limit: {', '.join(free)}" if free else ""
    yield Problem(
        f"{key}.memoryMb",
        f"{device.id} has {device.memory_mb} MB for modules, and their limits are {total} MB together: {shares}{rest}",
    )


def _twins(key: str, device: DeviceSettings, theirs: Sequence[PlannedLayer]) -> Iterator[Problem]:
    """Sizes of what each layer puts into the twins that all share."""
    for twin, base in BASE_BYTES.items():
        parts = [(layer.name, _size(content(layer).get(twin, {}))) for layer in theirs]
        total = base + sum(size for _, size in parts)
        if total > MAX_DESIRED_BYTES:
            shares = _shares((("the base", base), *parts))
            yield Problem(
                key,
                f"{device.id}: the desired properties of {twin} are about {total} bytes with all of its layers "
                f"({shares}); {MAX_DESIRED_BYTES} are allowed",
            )


def _size(section: Mapping[str, Any]) -> int:
    return sum(len(str(key).rpartition(".")[2].encode()) + twin_size(value) for key, value in section.items())


def _shares(parts: Any) -> str:
    sums: dict[str, int] = defaultdict(int)
    for name, share in parts:
        sums[name] += share
    return ", ".join(f"{name} {share}" for name, share in sums.items())
