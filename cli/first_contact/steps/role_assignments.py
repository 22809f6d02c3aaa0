"""Step 6: the group of its own, an identity in it, and assignments: taken, listed, gone."""

from __future__ import annotations

import uuid
from typing import Any

from cli.first_contact.comparing import read_back
from cli.first_contact.contact import Contact
from cli.first_contact.finding import wanted
from cli.first_contact.step import Step
from cli.first_contact.waiting import seconds_until
from cloud.errors import ServiceError, is_missing

_VERSION = "2022-04-01"
_READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
_VISIBLE_SECONDS = 120


class RoleAssignments:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._principal = ""
        self._made: list[str] = []

    @property
    def _group(self) -> str:
        return self._contact.scratch.group.id

    def group(self) -> str:
        scratch = self._contact.scratch
        scratch.ensure()
        answered = scratch.arm.get(scratch.group.id, scratch.group.api_version).body
        told = read_back(scratch.group.body, answered)
        return f"{scratch.group.azure_name}: {told}"

    def identity(self) -> str:
        """Of the program's identities the one that pulls images."""
        scratch = self._contact.scratch
        resource = scratch.planned.one("managedidentity:UserAssignedIdentity")
        answered = scratch.put(resource).body
        self._principal = str(answered["properties"]["principalId"])
        return f"{read_back(resource.body, answered)}, principal {self._principal}"

    def typed(self) -> str:
        """As the program does it: with the type, a moment after the principal was made."""
        assigned = self._assign(self._principal, "ServicePrincipal")
        return wanted(assigned["principalId"] == self._principal, f"taken, principalType {assigned['principalType']}")

    def untyped(self) -> str:
        """Without it Azure looks the type up; a deployer whose right is conditioned on types is refused."""
        conditioned = self._conditioned()
        try:
            assigned = self._assign(self._contact.deployer.principal, None)
        except ServiceError as error:
            if error.status != 403:
                raise
            return wanted(conditioned, "refused, and no condition of ours filters by type")
        found = f"taken, principalType {assigned.get('principalType')} looked up"
        return wanted(bool(assigned.get("principalType")), found)

    def listed(self) -> str:
        def all_there() -> bool:
            return set(self._made) <= self._names()

        took = seconds_until("an assignment is in the list", all_there, _VISIBLE_SECONDS)
        return f"{len(self._made)} in the list after {took:.0f} s"

    def removed(self) -> str:
        for name in self._made:
            self._contact.arm.request("DELETE", self._path(name), _VERSION)

        def none_there() -> bool:
            return not set(self._made) & self._names()

        took = seconds_until("a deleted assignment is out of the list", none_there, _VISIBLE_SECONDS)
        return f"deleted, out of the list after {took:.0f} s"

    def _assign(self, principal: str, kind: str | None) -> dict[str, Any]:
        name = str(uuid.uuid4())
        role = (
            f"/subscriptions/{self._contact.subscription}/providers/Microsoft.Authorization/roleDefinitions/{_READER}"
        )
        properties = {"principalId": principal, "roleDefinitionId": role, **({"principalType": kind} if kind else {})}
        answer = self._contact.arm.request("PUT", self._path(name), _VERSION, body={"properties": properties})
        self._made.append(name)
        assigned: dict[str, Any] = answer.body["properties"]
        return assigned

    def _path(self, name: str) -> str:
        return f"{self._group}/providers/Microsoft.Authorization/roleAssignments/{name}"

    def _names(self) -> set[str]:
        path = f"{self._group}/providers/Microsoft.Authorization/roleAssignments"
        try:
            listed = self._contact.arm.get(path, _VERSION, **{"$filter": "atScope()"}).body
        except ServiceError as error:
            if is_missing(error):
                return set()
            raise
        return {str(one["name"]) for one in listed.get("value") or ()}

    def _conditioned(self) -> bool:
        query = {"$filter": f"assignedTo('{self._contact.deployer.principal}')"}
        held = self._contact.listed("/providers/Microsoft.Authorization/roleAssignments", _VERSION, **query)
        return any("PrincipalType" in str(one["properties"].get("condition")) for one in held)


STEP = Step(
    number=6,
    name="role assignments",
    does="a group, an identity, assignments with and without the principal's type; all deleted again",
    price="nothing",
    limit_s=420,
    begin=RoleAssignments,
    checks={
        "P-group": RoleAssignments.group,
        "P-identity": RoleAssignments.identity,
        "P-assignment-typed": RoleAssignments.typed,
        "P-assignment-untyped": RoleAssignments.untyped,
        "P-assignment-listed": RoleAssignments.listed,
        "P-assignment-removed": RoleAssignments.removed,
    },
)
