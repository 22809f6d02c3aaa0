"""What may be asked of a scorer, wherever it is said: for a place, a layer's module, the gate, the server itself."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

MOST_ANSWER_MS = 3_600_000
MOST_BODY_MB = 1024
MOST_WORKERS = 64
MOST_BATCH, MOST_BATCH_WAIT_MS = 4096, 1000
LEAST_MEMORY_MB = 32
IN_FLIGHT = 64
"""Requests that a worker has in hand at the most, where no place says otherwise."""

LatencyMs = Annotated[int, Meta(ge=1, le=MOST_ANSWER_MS)]
"""How long one answer of a model may take, in milliseconds (`SCORING_TIMEOUT_MS`)."""
MemoryMb = Annotated[int, Meta(ge=LEAST_MEMORY_MB, le=1_048_576)]
"""How much a scorer's container may hold, in MiB."""
BodyLimitMb = Annotated[int, Meta(ge=1, le=MOST_BODY_MB)]
"""How much a request's body may have, in MiB (`SCORING_MAX_BODY_BYTES`)."""
BatchRows = Annotated[int, Meta(ge=1, le=MOST_BATCH)]
"""How many rows may be run together (`BATCH_MAX`); 1 is off."""


class Batch(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    max: BatchRows = 1
    wait_ms: Annotated[int, Meta(ge=0, le=MOST_BATCH_WAIT_MS)] = 0
    """How long a row waits for others (`BATCH_WAIT_MS`)."""


class ServerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Of the scoring server at one place. The defaults are the server's own, but for the time."""

    latency_ms: LatencyMs = 2000
    body_limit_mb: BodyLimitMb = 1
    """Of a request; a message of a device has the hub's limit, which is 256 KB."""
    workers: Annotated[int, Meta(ge=1, le=MOST_WORKERS)] = 1
    """Processes, each of which loads the model."""
    batch: Batch = Batch()

    def in_flight(self, memory_mb: int) -> int:
        """How many requests a worker may have in hand so that their bodies fit into half of a place's memory; the other
        half is for the model. Less than 1: these settings do not go with this memory."""
        return min(IN_FLIGHT, memory_mb // 2 // (self.workers * self.body_limit_mb))

    def variables(self, memory_mb: int) -> dict[str, str]:
        """What the server is told in its environment: the time, and else what is not its default."""
        own = {
            "SCORING_MAX_BODY_BYTES": (self.body_limit_mb * 1024 * 1024, 1024 * 1024),
            "SCORING_MAX_IN_FLIGHT": (max(1, self.in_flight(memory_mb)), IN_FLIGHT),
            "WORKERS": (self.workers, 1),
            "BATCH_MAX": (self.batch.max, 1),
            "BATCH_WAIT_MS": (self.batch.wait_ms, 0),
        }
        told = {name: str(value) for name, (value, default) in own.items() if value != default}
        return {"SCORING_TIMEOUT_MS": str(self.latency_ms), **told}
