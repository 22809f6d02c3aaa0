"""Resource groups. https://learn.microsoft.com/rest/api/resources/resource-groups"""

from __future__ import annotations

import re

from standin.core.arm import ids
from standin.core.arm.errors import ResourceGroupNotFound
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.arm.manager import Arm
from standin.core.errors import BadRequest

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
_GROUP_NAME = re.compile(r"[\w().-]{0,89}[\w()-]")


class ResourceGroup(ResourceKind):
    type = GROUP_TYPE
    system_data = False
    empty_tags = False
    operation = "none"
    delete_operation = "location"
    keeps = ()

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _GROUP_NAME.fullmatch(new.name):
            raise BadRequest(
                f"The provided resource group name '{new.name}' is not valid. The name can only be letters, digits, "
                "'-', '.', '(', ')' or '_', at most 90 long, and must not end in '.'.",
                code="InvalidResourceGroupName",
            )


def require_group(arm: Arm, parts: ids.ResourceId) -> None:
    """ARM's 404 where the resource group of this id is not there."""
    if arm.get(f"/subscriptions/{parts.subscription}/resourceGroups/{parts.group}") is None:
        raise ResourceGroupNotFound(parts.group)
