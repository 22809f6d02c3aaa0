"""What the places of a model allow its server: what does not go together, and what the gate holds an image against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.limits import LEAST_MEMORY_MB, ServerSettings
from edge.manifest import Module
from infra.settings.layers import PlannedLayer
from infra.settings.serving import ChangedOver, ContainerGroupSettings, EndpointSettings, KubernetesSettings
from infra.settings.tree import PROJECT, ModelSettings, Settings
from infra.settings.wording import Problem, refused

_MB = 1024 * 1024
MOST_ONLINE_LATENCY_MS, MOST_KUBERNETES_LATENCY_MS = 179_000, 299_000
"""A second less than Azure ML itself waits: who was too slow says so itself."""
# Of a model that no place has yet: what the smallest container group entry would give it.
_DEFAULT = ContainerGroupSettings()


@dataclass(frozen=True, kw_only=True)
class PlaceLimits:
    memory_mb: int
    """The least of a worker, in MiB: each loads the model."""
    timeout_ms: int
    """The least of one answer."""
    body_limit_mb: int = 1
    """The least of a body, over places that are asked by HTTP: a message has the hub's limit."""
    batch_rows: int = 1
    """The most."""


def smallest(model: ModelSettings, layers: Sequence[PlannedLayer]) -> PlaceLimits:
    """Over the endpoints of a model and the modules that run it, whatever device has them."""
    modules = [_of_module(module) for layer in layers for module in layer.modules_of(model.name)]
    places = [*(_of_endpoint(one) for one in model.endpoints), *modules] or [_of_endpoint(_DEFAULT)]
    return PlaceLimits(
        memory_mb=min((one.memory_mb for one in places if one.memory_mb), default=_DEFAULT.memory_mb),
        timeout_ms=min((one.timeout_ms for one in places if one.timeout_ms), default=_DEFAULT.latency_ms),
        body_limit_mb=min((one.body_limit_mb for one in places if one.body_limit_mb), default=1),
        batch_rows=max(one.batch_rows for one in places),
    )


def misfits(settings: Settings, layers: Sequence[PlannedLayer]) -> Iterator[Problem]:
    """Limits of one place that cannot be had together."""
    for index, model in enumerate(settings.models):
        for entry, endpoint in enumerate(model.endpoints):
            key = f"{PROJECT}:models[{index}].endpoints[{entry}]"
            yield from _misfits(key, endpoint, endpoint.memory_mb, endpoint.memory_told)
            if isinstance(endpoint, ChangedOver):
                yield from _online(key, endpoint)
    for layer in layers:
        own = layer.settings
        memory_mb = getattr(own, "memory_mb", None)
        if isinstance(own, ServerSettings) and memory_mb is not None:
            yield from _misfits(f"{PROJECT}:layers[{layer.index}].settings", own, memory_mb, f"memoryMb: {memory_mb}")
        for index, model in enumerate(settings.models):
            if getattr(own, "gpu", False) and not model.gpu and layer.modules_of(model.name):
                why = f"true where {PROJECT}:models[{index}], {model.name}, says so, too: its image has the CPU alone"
                yield refused(f"{PROJECT}:layers[{layer.index}].settings.gpu", True, f"false, or {why}")


def _misfits(key: str, server: ServerSettings, memory_mb: int, memory: str) -> Iterator[Problem]:
    if server.workers > (most := max(1, memory_mb // LEAST_MEMORY_MB)):
        why = f"1 to {most} with {memory}: each worker loads the model, and has {LEAST_MEMORY_MB} MB or more"
        yield refused(f"{key}.workers", server.workers, why)
    elif server.in_flight(memory_mb) < 1:
        most = memory_mb // 2 // server.workers
        why = f"1 to {most} with {memory} and workers: {server.workers}: half of the memory holds a body of each worker"
        yield refused(f"{key}.bodyLimitMb", server.body_limit_mb, why)
    if server.batch.wait_ms and server.batch.max == 1:
        yield refused(f"{key}.batch.waitMs", server.batch.wait_ms, "0 where batch.max is 1: nothing is run together")


def _online(key: str, endpoint: ChangedOver) -> Iterator[Problem]:
    shares = list(endpoint.traffic)
    if shares[-1] != 100 or shares != sorted(set(shares)):
        yield refused(f"{key}.traffic", shares, "shares in percent that rise to 100, such as [10, 50, 100] or [100]")
    kubernetes = isinstance(endpoint, KubernetesSettings)
    most = MOST_KUBERNETES_LATENCY_MS if kubernetes else MOST_ONLINE_LATENCY_MS
    if endpoint.latency_ms > most:
        what = "an online endpoint in Kubernetes" if kubernetes else "a managed online endpoint"
        why = f"1 to {most}: {what} itself gives up after {most // 1000 + 1} s"
        yield refused(f"{key}.latencyMs", endpoint.latency_ms, why)


def _of_endpoint(endpoint: EndpointSettings) -> PlaceLimits:
    return PlaceLimits(
        memory_mb=endpoint.memory_mb // endpoint.workers,
        timeout_ms=endpoint.latency_ms,
        body_limit_mb=endpoint.body_limit_mb,
        batch_rows=endpoint.batch.max,
    )


def _of_module(module: Module) -> PlaceLimits:
    """0 for what it does not limit."""
    host: dict[str, Any] = module.docker().get("HostConfig") or {}
    return PlaceLimits(
        memory_mb=int(host.get("Memory") or 0) // _MB // _number(module, "WORKERS", 1),
        timeout_ms=_number(module, "SCORING_TIMEOUT_MS", 0),
        body_limit_mb=_number(module, "SCORING_MAX_BODY_BYTES", _MB) // _MB if module.ports else 0,
        batch_rows=_number(module, "BATCH_MAX", 1),
    )


def _number(module: Module, variable: str, default: int) -> int:
    return int(str(module.env.get(variable, default)))
