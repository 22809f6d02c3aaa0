"""Where the resources of an environment live, and how they are marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Placement:
    subscription_id: str
    tenant_id: str
    resource_group_name: pulumi.Input[str]
    location: str
    tags: Mapping[str, str]
    role_settle_seconds: int
    """How long Azure gets to honour a role assignment."""
    protect: bool
    """Refuse to delete what holds data or a global name."""
