"""Which types of resources there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from standin.core.arm import ids
from standin.core.arm.kinds import Resource, ResourceKind


class KindTable:
    def __init__(self, kinds: Iterable[ResourceKind]) -> None:
        """ValueError where two kinds claim the same type."""
        self._kinds: dict[str, ResourceKind] = {}
        for kind in kinds:
            if kind.type.lower() in self._kinds:
                raise ValueError(f"resource type {kind.type!r} is registered twice")
            self._kinds[kind.type.lower()] = kind

    def __iter__(self) -> Iterator[ResourceKind]:
        return iter(self._kinds.values())

    def find(self, resource_type: str) -> ResourceKind | None:
        return self._kinds.get(resource_type.lower())

    def of(self, resource: Resource) -> ResourceKind:
        return self._kinds[resource.type.lower()]

    def in_namespace(self, namespace: str) -> list[ResourceKind]:
        return [kind for key, kind in self._kinds.items() if key.startswith(namespace.lower() + "/")]

    def parent(self, parts: ids.ResourceId) -> str | None:
        """Id of the nearest thing that must be there before it: of a known type, below the resource group."""
        kind = self.find(parts.type)
        above = ids.parse(parts.parent)
        skip = kind is not None and kind.implied_parent
        while above is not None and "/providers/" in above.key:
            if self.find(above.type) and not skip:
                return above.text
            skip = False
            above = ids.parse(above.parent)
        return None
