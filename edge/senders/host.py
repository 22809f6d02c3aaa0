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
}
