"""A model's scorer as a module."""

from __future__ import annotations

from edge.manifest import Module
from edge.senders.host import CONFINED, USER


def scorer_module(image: object, *, memory_mb: int, latency_ms: int) -> Module:
    return Module(
        image=image,
        create_options={"User": USER, "HostConfig": {**CONFINED, "Memory": memory_mb * 1024 * 1024}},
        env={"SCORING_TIMEOUT_MS": str(latency_ms)},
        startup_order=1,
    )
