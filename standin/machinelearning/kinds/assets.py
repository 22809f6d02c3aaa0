"""What models, data, environments and codes have in common: a named container, and versions that do not change.

https://learn.microsoft.com/azure/machine-learning/concept-azure-machine-learning-v2
Tags, description and the archived mark of a version may be changed; its container comes with the first one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.errors import BadRequest
from standin.core.numbers import whole_number
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import CODES
from standin.machinelearning.kinds.ordering import ordered

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}", re.ASCII)
"""Of a container: https://github.com/Azure/bicep-types-az. Of versions nobody says anything."""
_VIEWS = ("activeonly", "archivedonly", "all")
_SAID = ("description", "tags", "properties", "isAnonymous", "isArchived", "stage")


class AssetContainer(ResourceKind):
    """The container of an asset's versions."""

    versions: ClassVar[str]
    """The type of its versions."""
    tracked = False
    operation = "none"
    delete_operation = "none"
    unobeyed = CODES
    next_page = "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip listViewType")}
    defaults: ClassVar[Mapping[str, Any]] = {"properties": {"isArchived": False, "tags": {}, "properties": {}}}

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def check(self, new: Resource, old: Resource | None) -> None:
        _check_name(new.name)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        count_versions(resource, self._arm.list(self.versions, resource.id))

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        return by_view(resources, query)


class AssetVersion(ResourceKind):
    container: ClassVar[str]
    """The type of what holds the versions."""
    carries: ClassVar[tuple[str, ...]] = ()
    """Properties that its container gets from its first version."""
    tracked = False
    implied_parent = True
    operation = "none"
    delete_operation = "none"
    unobeyed = CODES
    next_page = "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip $orderBy $top listViewType")}

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def check(self, new: Resource, old: Resource | None) -> None:
        _check_name(new.parent_id.rpartition("/")[2])

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        holder = self._arm.get(resource.parent_id) or self._new_container(resource)
        others = [version for version in self._beside(resource) if version.key != resource.key]
        count_versions(holder, [*others, resource])
        self._arm.save(holder)

    async def remove(self, resource: Resource) -> None:
        holder = self._arm.get(resource.parent_id)
        if holder is not None:
            count_versions(holder, [version for version in self._beside(resource) if version.key != resource.key])
            self._arm.save(holder)

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        """Newest first, unless an order is asked for."""
        found = [version for version in by_view(resources, query) if self.is_asked_for(version, query)]
        return ordered(found, query.get("$orderBy"))

    def is_asked_for(self, version: Resource, query: Mapping[str, str]) -> bool:
        return True

    def _beside(self, resource: Resource) -> list[Resource]:
        return self._arm.list(self.type, resource.parent_id)

    def _new_container(self, version: Resource) -> Resource:
        now = version.changed_at
        given = {name: version.properties[name] for name in self.carries}
        properties = {"isArchived": False, "tags": {}, "properties": {}, "provisioningState": "Succeeded", **given}
        return Resource(
            id=version.parent_id,
            type=self.container,
            name=version.parent_id.rsplit("/", 1)[-1],
            body={"properties": properties},
            created_at=now,
            changed_at=now,
            generation=1,
        )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadRequest(
            f"The name {name!r} is not valid: 1 to 255 letters, digits, '-' and '_', beginning with a letter or digit.",
            code="UserError",
        )


def kept(*names: str) -> tuple[str, ...]:
    """What a version's body may say: what every version's may, and these."""
    return tuple(f"properties.{name}" for name in (*_SAID, *names))


def has(said: Mapping[str, Any], asked: str) -> bool:
    """`a,b=c`: the name a with any value, and b with the value c."""
    for pair in filter(None, (one.strip() for one in asked.split(","))):
        name, equals, value = pair.partition("=")
        if name not in said or (equals and str(said[name]) != value):
            return False
    return True


def count_versions(container: Resource, existing: Sequence[Resource]) -> None:
    newest = max(existing, key=lambda version: version.created_at, default=None)
    numbers = [number for version in existing if (number := whole_number(version.name)) is not None]
    container.properties["latestVersion"] = newest.name if newest else None
    container.properties["nextVersion"] = str(max(numbers, default=0) + 1)


def by_view(resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
    view = query.get("listViewType", "ActiveOnly").lower()
    if view not in _VIEWS:
        raise BadRequest(f"listViewType is {view!r}; allowed: {', '.join(_VIEWS)}.", code="UserError")
    if view == "all":
        return resources
    archived = view == "archivedonly"
    return [resource for resource in resources if bool(resource.properties.get("isArchived")) is archived]
