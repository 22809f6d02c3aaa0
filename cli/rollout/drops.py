"""What a module says on its twin that it dropped, as scorers do (images/scoring/edge/drops.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud.arrival import mapping

PROPERTY = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drops:
    count: int
    """Since the module's process began."""
    reasons: Mapping[str, int]
    dropping: bool
    """One of its last messages was dropped; a drop long ago is no reason to call a device broken."""
    last_reason: str
    last_at: str
    """By the device's clock."""

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.reasons.items()))
        return f"dropped {self.count} ({kinds}), last at {self.last_at}: {self.last_reason}"


def drops_of(twin: Mapping[str, Any]) -> Drops | None:
    """None where the module dropped nothing, or does not count. `twin` is the document that `IotHub.module_twin` gives;
    what is reported is the device's to write: what has another shape counts as not reported."""
    reported = mapping(mapping(twin.get("properties")).get("reported"))
    dropped = mapping(reported.get(PROPERTY))
    count, last = dropped.get("count"), mapping(dropped.get("last"))
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        return None
    reasons = mapping(dropped.get("reasons"))
    return Drops(
        count=count,
        reasons={str(kind): number for kind, number in reasons.items() if type(number) is int},
        dropping=dropped.get("dropping") is True,
        last_reason=str(last.get("reason") or "reason unknown"),
        last_at=str(last.get("at") or "unknown"),
    )
