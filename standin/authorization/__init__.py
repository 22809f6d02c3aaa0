"""Azure RBAC: role assignments at any scope, and the built-in role definitions. Who asks for them is in core/auth."""

from __future__ import annotations

from standin.authorization.handlers import RoleHandlers
from standin.authorization.kinds import RoleAssignment
from standin.authorization.routes import arm_routes
from standin.core.arm import Arm
from standin.core.clock import Clock
from standin.core.part import Part
from standin.core.store import Store

__all__ = ["part"]


def part(arm: Arm, store: Store, clock: Clock) -> Part:
    assignments = RoleAssignment(store, clock)
    return Part(name="authorization", kinds=(assignments,), arm_routes=arm_routes(RoleHandlers(arm, assignments)))
