"""Where the resources of an environment live, and how they are marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Site:
    subscription_id: str
    tenant_id: str
    resource_group_name: pulumi.Input[str]
    location: str
    tags: Mapping[str, str]
