"""Registered models. https://learn.microsoft.com/rest/api/azureml/model-versions"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Resource
from standin.core.errors import BadRequest, ServiceError
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import ImmutableAsset
from standin.machinelearning.kinds.assets import AssetContainer, AssetVersion, has


class Model(AssetContainer):
    type = "Microsoft.MachineLearningServices/workspaces/models"
    versions = "Microsoft.MachineLearningServices/workspaces/models/versions"
    page = "count"
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip count listViewType")}


class ModelVersion(AssetVersion):
    type = Model.versions
    container = Model.type
    create_only = ("properties.modelUri", "properties.modelType")
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

    async def check(self, new: Resource, old: Resource | None) -> None:
        uri = new.properties.get("modelUri")
        if not isinstance(uri, str) or not uri.startswith("azureml:"):
            raise BadRequest(
                f"modelUri is {uri!r}; it must be an azureml: path, such as azureml://datastores/<name>/paths/<path>.",
                code="UserError",
            )
        if new.properties["flavors"] is None:
            new.properties["flavors"] = {}

    def is_asked_for(self, version: Resource, query: Mapping[str, str]) -> bool:
        said = version.properties
        return (
            query.get("version") in (None, version.name)
            and query.get("stage") in (None, said.get("stage"))
            and query.get("description") in (None, said.get("description"))
            and all(has(said.get(name) or {}, query.get(name, "")) for name in ("tags", "properties"))
        )

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        model = resource.parent_id.rsplit("/", 1)[-1]
        return ImmutableAsset(model, resource.name, path.rsplit(".", 1)[-1])
