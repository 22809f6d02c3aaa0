"""Step 2: what Azure itself says that we may do, and under which conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotMeant, wanted
from cli.first_contact.step import Step
from cloud.access.rights import covers
from cloud.access.roles import role_name

_PERMISSIONS = "/providers/Microsoft.Authorization/permissions"
_ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments"
_VERSION = "2022-04-01"
# Whatever the stack plans is written by its own type; these come beside that.
_ALWAYS = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.KeyVault/locations/deletedVaults/purge/action",
    "Microsoft.KeyVault/locations/operationResults/read",
    "Microsoft.ContainerRegistry/registries/generateCredentials/action",
    "Microsoft.Devices/IotHubs/listkeys/action",
)
_TYPE = re.compile(r"/providers/(?P<path>[^/]+(?:/[^/]+/[^/]+)+)$")


class Permissions:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def rights(self) -> str:
        """At the subscription, where a first `up` makes its group, and at a group that somebody else made."""
        above = self._contact.listed(_PERMISSIONS, _VERSION)
        group = self._contact.existing_group
        within = self._contact.listed(f"/resourceGroups/{group}{_PERMISSIONS}", _VERSION) if group else []
        needed = [*_ALWAYS, *sorted(writes(one.id for one in self._contact.planned.resources if one.id))]
        # what lies below the subscription, whatever group it came from, no role at a group gives
        lacking = [one for one in needed if not allows(above if "/locations/" in one else [*above, *within], one)]
        where = f"the subscription and {group}" if group else "the subscription"
        held = f"{len(needed) - len(lacking)} of {len(needed)} actions at {where}"
        return wanted(not lacking, f"{held}; lacking: {', '.join(lacking)}" if lacking else held)

    def reach(self) -> str:
        """Whether who holds rights at a group alone sees the subscription that it lies in."""
        permissions = self._contact.listed(_PERMISSIONS, _VERSION)
        if any(permission.get("actions") for permission in permissions):
            raise NotMeant("we hold rights at the subscription itself")
        return f"without rights at it the subscription {self._contact.get('', '2022-12-01').get('state')} is read"

    def conditions(self) -> str:
        """A condition that does not name a role which the program assigns refuses that assignment."""
        principal = self._contact.deployer.principal
        assigned = self._contact.listed(_ASSIGNMENTS, _VERSION, **{"$filter": f"assignedTo('{principal}')"})
        conditions = [str(one["properties"].get("condition") or "") for one in assigned]
        # conditions on blobs and the like say nothing of roles
        texts = [text for text in conditions if "roledefinitionid" in text.lower()]
        lacking = sorted({role_name(guid) for guid in self._roles() for text in texts if guid not in text.lower()})
        told = f"{len(assigned)} assignments, {len(texts)} with a condition on roles"
        return wanted(not lacking, f"{told}; not named in it: {', '.join(lacking)}" if lacking else told)

    def _roles(self) -> set[str]:
        assignments = self._contact.planned.all("authorization:RoleAssignment")
        return {str(one.inputs["roleDefinitionId"]).rpartition("/")[2].lower() for one in assignments}


def writes(ids: Iterable[str]) -> set[str]:
    """The action by which each of these is made: `Microsoft.Devices/IotHubs/write`."""
    found = set()
    for resource_id in ids:
        match = _TYPE.search(resource_id)
        if match is None:
            found.add("Microsoft.Resources/subscriptions/resourceGroups/write")
            continue
        namespace, *rest = resource_id.rpartition("/providers/")[2].split("/")
        found.add("/".join([namespace, *rest[::2], "write"]))
    return found


def allows(permissions: Sequence[Mapping[str, Any]], action: str) -> bool:
    """Azure's rule: granted by the actions of one of them, less that one's notActions; in any case."""
    return any(
        any(covers(one, action) for one in permission.get("actions") or ())
        and not any(covers(one, action) for one in permission.get("notActions") or ())
        for permission in permissions
    )


STEP = Step(
    number=2,
    name="permissions",
    does="our actual actions at the subscription; conditions of our role assignments",
    price="nothing",
    limit_s=120,
    begin=Permissions,
    checks={"P-rights": Permissions.rights, "P-reach": Permissions.reach, "P-conditions": Permissions.conditions},
)
