"""What the places of a model allow its server: the gate holds an image against the smallest of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.manifest import Module
from infra.settings.layers import PlannedLayer
from infra.settings.tree import ContainerGroupSettings, ModelSettings

_TIMEOUT_VARIABLE = "SCORING_TIMEOUT_MS"
_MB = 1024 * 1024
# Of a model that no place has yet: what the smallest container group entry would give it.
_DEFAULT = ContainerGroupSettings(kind="containerGroup")


@dataclass(frozen=True, kw_only=True)
class PlaceLimits:
    memory_mb: int
    """In MiB."""
    timeout_ms: int
    """Of one answer."""


def smallest(model: ModelSettings, layers: Sequence[PlannedLayer]) -> PlaceLimits:
    """Over the endpoints of a model and the modules that run it, whatever device has them."""
    modules = [module for layer in layers for module in layer.modules_of(model.name)]
    memory = [*(_memory_mb(one) for one in model.endpoints), *_module_memory_mb(modules)]
    timeout = [*(one.latency_ms for one in model.endpoints), *_module_timeout_ms(modules)]
    return PlaceLimits(
        memory_mb=min(memory, default=_memory_mb(_DEFAULT)), timeout_ms=min(timeout, default=_DEFAULT.latency_ms)
    )


def _memory_mb(endpoint: ContainerGroupSettings) -> int:
    return int(endpoint.memory_gb * 1024)


def _module_memory_mb(modules: Sequence[Module]) -> Iterator[int]:
    """Of those that have a limit."""
    for module in modules:
        host: Mapping[str, Any] = module.create_options.get("HostConfig") or {}
        if memory := host.get("Memory"):
            yield int(memory) // _MB


def _module_timeout_ms(modules: Sequence[Module]) -> Iterator[int]:
    for module in modules:
        if _TIMEOUT_VARIABLE in module.env:
            yield int(str(module.env[_TIMEOUT_VARIABLE]))
