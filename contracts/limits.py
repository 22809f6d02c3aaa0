"""What may be asked of a scorer, wherever it is said: for a place, a layer's module, the gate, the server itself."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

MOST_ANSWER_MS = 3_600_000
LatencyMs = Annotated[int, Meta(ge=1, le=MOST_ANSWER_MS)]
"""How long one answer of a model may take, in milliseconds (`SCORING_TIMEOUT_MS`)."""
MemoryMb = Annotated[int, Meta(ge=32, le=1_048_576)]
"""How much a scorer's container may hold, in MiB."""
