"""`mledge:azure:RoleReady`: waits until role assignments are effective, which takes Azure up to minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class RoleCheckArgs:
    scope: pulumi.Input[str]
    principal_id: pulumi.Input[str]
    role_definition_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class RoleReadyArgs:
    checks: Sequence[RoleCheckArgs]
    settle_seconds: pulumi.Input[int]
    """The age that an assignment must have: Azure does not say when it honours another principal's."""
    timeout_seconds: pulumi.Input[int] = 600


class RoleReady(MledgeResource):
    resource_type = "mledge:azure:RoleReady"
    outputs = ()

    def __init__(self, name: str, args: RoleReadyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
