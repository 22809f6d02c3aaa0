"""What Docker is told of a module that this project builds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LOGS: Mapping[str, Any] = {"LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}}
CONFINED: Mapping[str, Any] = {
    **LOGS,
    "ReadonlyRootfs": True,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges"],
}
