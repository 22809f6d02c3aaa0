"""`properties.properties` of endpoints and deployments: a map to which can be added, and nothing else.

azure-ai-ml sends in it who made the thing and when it was last changed, with each update: what is there already stays
as it is, and no client is refused for another value.
"""

from __future__ import annotations

from typing import Any

from standin.core.arm import Resource


def kept_properties(new: Resource, old: Resource | None) -> dict[str, Any]:
    before = (old.properties.get("properties") if old else None) or {}
    return {**(new.properties.get("properties") or {}), **before}
