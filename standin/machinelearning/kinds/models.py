"""Registered models. https://learn.microsoft.com/rest/api/azureml/model-versions"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource
from standin.core.errors import BadRequest, ServiceError
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import ImmutableAsset
from standin.machinelearning.kinds.assets import AssetContainer, AssetVersion, has

OutputOf = Callable[[str, str], tuple[str, str] | None]
"""Workspace and URI -> the job that wrote there, and where it lies; None where the URI is no job's."""


class Model(AssetContainer):
    type = "Microsoft.MachineLearningServices/workspaces/models"
    versions = "Microsoft.MachineLearningServices/workspaces/models/versions"
    page = "count"
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip count listViewType")}


class ModelVersion(AssetVersion):
    type = Model.versions
    container = Model.type
    create_only = ("properties.modelType",)
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

    def __init__(self, arm: Arm, output_of: OutputOf) -> None:
        super().__init__(arm)
        self._output_of = output_of

    async def check(self, new: Resource, old: Resource | None) -> None:
        """What a job wrote is named by where it lies from here on, as clients download it from there."""
        await super().check(new, old)
        uri = new.properties.get("modelUri")
        if not isinstance(uri, str) or not uri.startswith("azureml:"):
            raise BadRequest(
                f"modelUri is {uri!r}; it must be an azureml: path, such as azureml://datastores/<name>/paths/<path>.",
                code="UserError",
            )
        written = self._output_of(new.parent_id.rpartition("/models/")[0], uri)
        if written is not None:
            new.properties["jobName"], new.properties["modelUri"] = written
        if old is not None and new.properties["modelUri"] != (before := old.properties.get("modelUri")):
            raise self.refuse_change("properties.modelUri", before, uri, new)
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
