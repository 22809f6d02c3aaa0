"""What every type of Microsoft.Network has: an ETag, a GUID of its own, and only its tags to patch."""

from __future__ import annotations

import uuid
from typing import Any

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.identity import new_principal
from standin.network.references import References, objects


class NetworkKind(ResourceKind):
    system_data = False
    empty_tags = False
    patchable = ("tags",)

    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._references = References(arm)

    def etag(self, resource: Resource) -> str:
        return etag_of(resource)

    def shown(self, resource: Resource, **more: Any) -> dict[str, Any]:
        """The body with what this surface answers of every resource; `more` are properties."""
        guid = new_principal(f"{resource.key}|{resource.created_at}|guid")
        properties = {"provisioningState": "Succeeded", "resourceGuid": guid, **resource.properties, **more}
        return {**resource.body, "etag": self.etag(resource), "properties": properties}

    def view(self, resource: Resource) -> dict[str, Any]:
        return self.shown(resource)

    def below(self, resource: Resource, word: str, listed: object) -> list[dict[str, Any]]:
        """Things that lie in a resource's body, each with an id and a state of its own."""
        return [
            {
                **one,
                "id": f"{resource.id}/{word}/{one.get('name')}",
                "etag": self.etag(resource),
                "type": f"{resource.type}/{word}",
                "properties": {"provisioningState": "Succeeded", **(one.get("properties") or {})},
            }
            for one in objects(listed)
        ]


def etag_of(resource: Resource, *more: str) -> str:
    seed = "|".join([resource.key, str(resource.generation), resource.changed_at, *more])
    return f'W/"{uuid.uuid5(uuid.NAMESPACE_URL, seed)}"'


def references_to(ids: list[str]) -> list[dict[str, str]]:
    return [{"id": one} for one in ids]
