"""Azure RBAC: role assignments with their conditions, role definitions, and what the caller may do.

Who asks for them is in core/auth, what roles permit in core/rbac.
"""

from __future__ import annotations

from standin.authorization.handlers import RoleHandlers
from standin.authorization.kinds import RoleAssignment, RoleDefinition
from standin.authorization.routes import arm_routes
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.directory import Directory
from standin.core.part import Part
from standin.core.store import Store

__all__ = ["part"]


def part(arm: Arm, store: Store, clock: Clock, roles: Roles, directory: Directory) -> Part:
    assignments, definitions = RoleAssignment(arm, store, clock, roles, directory), RoleDefinition(store)
    return Part(
        name="authorization",
        kinds=(assignments, definitions),
        arm_routes=arm_routes(RoleHandlers(arm, assignments, definitions, roles)),
    )
