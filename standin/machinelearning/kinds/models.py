"""Registered models. https://learn.microsoft.com/rest/api/azureml/model-versions

A version is immutable but for tags, description and its archived mark; the model itself comes with its first version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.errors import BadRequest, ServiceError
from standin.core.numbers import whole_number
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import CODES, ImmutableAsset
from standin.machinelearning.kinds.ordering import ordered

_VIEWS = ("activeonly", "archivedonly", "all")


class Model(ResourceKind):
    """The container of a model's versions."""

    type = "Microsoft.MachineLearningServices/workspaces/models"
    tracked = False
    operation = "none"
    delete_operation = "none"
    unobeyed = CODES
    page, next_page = "count", "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip count listViewType")}
    defaults: ClassVar[Mapping[str, Any]] = {"properties": {"isArchived": False, "tags": {}, "properties": {}}}

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        _count_versions(resource, versions(self._arm, resource.id))

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        return _by_view(resources, query)


class ModelVersion(ResourceKind):
    type = "Microsoft.MachineLearningServices/workspaces/models/versions"
    tracked = False
    implied_parent = True
    operation = "none"
    delete_operation = "none"
    create_only = ("properties.modelUri", "properties.modelType")
    unobeyed = CODES
    next_page = "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {
        "LIST": obeys(query="$skip $orderBy $top version description tags properties stage listViewType")
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {
            "modelType": "custom_model",
            "isAnonymous": False,
            "isArchived": False,
            "flavors": {},
            "tags": {},
            "properties": {},
        }
    }

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def check(self, new: Resource, old: Resource | None) -> None:
        uri = new.properties.get("modelUri")
        if not isinstance(uri, str) or not uri.startswith("azureml:"):
            raise BadRequest(
                f"modelUri is {uri!r}; it must be an azureml: path, such as azureml://datastores/<name>/paths/<path>.",
                code="UserError",
            )
        if new.properties["flavors"] is None:
            new.properties["flavors"] = {}

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        now = resource.changed_at
        model = self._arm.get(resource.parent_id) or Resource(
            id=resource.parent_id,
            type=Model.type,
            name=resource.parent_id.rsplit("/", 1)[-1],
            body={"properties": {"isArchived": False, "tags": {}, "properties": {}, "provisioningState": "Succeeded"}},
            created_at=now,
            changed_at=now,
            generation=1,
        )
        others = [version for version in versions(self._arm, model.id) if version.key != resource.key]
        _count_versions(model, [*others, resource])
        self._arm.save(model)

    async def remove(self, resource: Resource) -> None:
        model = self._arm.get(resource.parent_id)
        if model is not None:
            _count_versions(
                model, [version for version in versions(self._arm, model.id) if version.key != resource.key]
            )
            self._arm.save(model)

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        """Newest first, unless an order is asked for."""
        found = [version for version in _by_view(resources, query) if _is_asked_for(version, query)]
        return ordered(found, query.get("$orderBy"))

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        model = resource.parent_id.rsplit("/", 1)[-1]
        return ImmutableAsset(model, resource.name, path.rsplit(".", 1)[-1])


def _is_asked_for(version: Resource, query: Mapping[str, str]) -> bool:
    said = version.properties
    return (
        query.get("version") in (None, version.name)
        and query.get("stage") in (None, said.get("stage"))
        and query.get("description") in (None, said.get("description"))
        and all(_has(said.get(name) or {}, query.get(name, "")) for name in ("tags", "properties"))
    )


def _has(said: Mapping[str, Any], asked: str) -> bool:
    """`a,b=c`: the name a with any value, and b with the value c."""
    for pair in filter(None, (one.strip() for one in asked.split(","))):
        name, equals, value = pair.partition("=")
        if name not in said or (equals and str(said[name]) != value):
            return False
    return True


def versions(arm: Arm, model_id: str) -> list[Resource]:
    return arm.list(ModelVersion.type, model_id)


def _count_versions(model: Resource, existing: Sequence[Resource]) -> None:
    newest = max(existing, key=lambda version: version.created_at, default=None)
    numbers = [number for version in existing if (number := whole_number(version.name)) is not None]
    model.properties["latestVersion"] = newest.name if newest else None
    model.properties["nextVersion"] = str(max(numbers, default=0) + 1)


def _by_view(resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
    view = query.get("listViewType", "ActiveOnly").lower()
    if view not in _VIEWS:
        raise BadRequest(f"listViewType is {view!r}; allowed: {', '.join(_VIEWS)}.", code="UserError")
    if view == "all":
        return resources
    archived = view == "archivedonly"
    return [resource for resource in resources if bool(resource.properties.get("isArchived")) is archived]
