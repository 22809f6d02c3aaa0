"""Azure Resource Manager: one generic store for every type of resource, and what each type adds to it."""

from standin.core.arm.ids import ResourceId, parse
from standin.core.arm.kinds import ActionHandler, Resource, ResourceKind
from standin.core.arm.manager import Arm

__all__ = ["ActionHandler", "Arm", "Resource", "ResourceId", "ResourceKind", "parse"]
