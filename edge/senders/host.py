"""What Docker is told of a module that this project builds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

USER = "10001:10001"
"""Whose code a module of ours is. The scorer's image starts as root, for the sake of container groups."""
LOGS: Mapping[str, Any] = {"LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}}
CONFINED: Mapping[str, Any] = {
    **LOGS,
    "ReadonlyRootfs": True,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges"],
    # threads count: a scorer has one for each core, and some
    "PidsLimit": 256,
}


def limited(memory_mb: int) -> Mapping[str, Any]:
    """Confined, and within this memory: a module that grows is ended, and not what else the device does."""
    memory = memory_mb * 1024 * 1024
    # the same as the memory: no swap
    return {**CONFINED, "Memory": memory, "MemorySwap": memory}


SENDER_MEMORY_MB = 256
"""The SDK takes some 60, the largest file of rows three times its 32."""
