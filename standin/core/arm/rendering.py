"""A resource as ARM answers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.arm import paths
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.auth import DEPLOYER_CLIENT_ID


def render(kind: ResourceKind, resource: Resource) -> dict[str, Any]:
    """Envelope and body, with live state and without write-only values."""
    body = paths.without(kind.view(resource), kind.write_only)
    envelope: dict[str, Any] = {"id": resource.id, "name": resource.name, "type": resource.type}
    if kind.tracked and kind.empty_tags:
        envelope["tags"] = {}
    return {**envelope, **body, **({"systemData": _system_data(resource)} if kind.system_data else {})}


def _system_data(resource: Resource) -> Mapping[str, str]:
    return {
        "createdBy": DEPLOYER_CLIENT_ID,
        "createdByType": "Application",
        "createdAt": resource.created_at,
        "lastModifiedBy": DEPLOYER_CLIENT_ID,
        "lastModifiedByType": "Application",
        "lastModifiedAt": resource.changed_at,
    }
