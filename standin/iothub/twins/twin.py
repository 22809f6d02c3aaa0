"""A twin as the hub keeps it, and as others get to see it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from standin.iothub.twins.section import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinRecord:
    """`version` moves with every write, `writes` (the etag) with those of the service only.

    `configurations` tells for each automatic deployment that targets the twin whether it is Applied or Targeted.
    """

    device: str
    module: str | None
    tags: dict[str, Any] = field(default_factory=dict)
    desired: Section = field(default_factory=Section)
    reported: Section = field(default_factory=Section)
    version: int = 2
    writes: int = 1
    configurations: dict[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return base64.b64encode(self.writes.to_bytes(8, "big")).decode()

    def snapshot(self) -> Twin:
        return Twin(
            device=self.device,
            module=self.module,
            desired=self.desired.plain(),
            reported=self.reported.plain(),
            tags=dict(self.tags),
            version=self.version,
            configurations=dict(self.configurations),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """For the edge runtime: `desired` and `reported` are plain dicts with their `$version`, and copies."""

    device: str
    module: str | None
    desired: dict[str, Any]
    reported: dict[str, Any]
    tags: dict[str, Any]
    version: int
    configurations: dict[str, str]
