"""A model's scorer as a module."""

from __future__ import annotations

from edge.manifest import Module
from edge.senders.host import USER, limited


def scorer_module(image: object, *, memory_mb: int, latency_ms: int) -> Module:
    return Module(
        image=image,
        create_options={"User": USER, "HostConfig": limited(memory_mb)},
        env={"SCORING_TIMEOUT_MS": str(latency_ms)},
        startup_order=1,
    )
