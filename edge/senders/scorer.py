"""A model's scorer as a module, and the settings that a layer has for it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from edge.manifest import Module
from edge.senders.host import CONFINED, USER

MemoryMb = Annotated[int, Meta(ge=32, le=1_048_576)]
"""The scorer's limit, in MiB."""
LatencyMs = Annotated[int, Meta(ge=1, le=3_600_000)]
"""How long the scorer may take for an answer."""


def scorer_module(image: object, *, memory_mb: int, latency_ms: int) -> Module:
    return Module(
        image=image,
        create_options={"User": USER, "HostConfig": {**CONFINED, "Memory": memory_mb * 1024 * 1024}},
        env={"SCORING_TIMEOUT_MS": str(latency_ms)},
        startup_order=1,
    )
