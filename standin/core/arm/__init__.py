"""Azure Resource Manager: one generic store for every type of resource, and what each type adds to it.

Each of these lines stands on those below it:

    http/           management.azure.com: paths, lists, actions, polls, who may
    writes          PUT, PATCH, DELETE
    manager         what there is, alive and soft-deleted
    operations      long operations, remembered over a restart
    kind_table      which types there are          rendering   a resource as it is answered
    groups          the type of resource groups    identity    the `identity` block
    kinds           what a service says of a type
    errors, ids, paths
"""

from standin.core.arm.ids import ResourceId, parse
from standin.core.arm.kinds import ActionHandler, Resource, ResourceKind
from standin.core.arm.manager import Arm

__all__ = ["ActionHandler", "Arm", "Resource", "ResourceId", "ResourceKind", "parse"]
