"""Data assets: a name and a version for a file or a folder of a datastore.

https://learn.microsoft.com/rest/api/azureml/data-versions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Resource
from standin.core.errors import BadRequest, ServiceError
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import AssetPathFixed
from standin.machinelearning.kinds.assets import AssetContainer, AssetVersion, has, kept

_LONGEST_VERSION = 30
_SHORT = re.compile(r"azureml://datastores/(?P<below>[^/]+/paths/.+)")
_LONG = re.compile(
    r"azureml://subscriptions/[^/]+/resource[gG]roups/[^/]+(/providers/Microsoft.MachineLearningServices)?"
    r"/workspaces/[^/]+/datastores/[^/]+/paths/.+"
)


class Data(AssetContainer):
    type = "Microsoft.MachineLearningServices/workspaces/data"
    versions = "Microsoft.MachineLearningServices/workspaces/data/versions"
    create_only = ("properties.dataType",)


class DataVersion(AssetVersion):
    type = Data.versions
    container = Data.type
    carries = ("dataType",)
    create_only = ("properties.dataType", "properties.isAnonymous")
    keeps = kept("dataType", "dataUri")
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {"properties.dataType": ("uri_file", "uri_folder")}
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip $orderBy $top $tags listViewType")}
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {"isAnonymous": False, "isArchived": False, "tags": {}, "properties": {}}
    }

    async def check(self, new: Resource, old: Resource | None) -> None:
        await super().check(new, old)
        if len(new.name) > _LONGEST_VERSION:
            raise BadRequest(
                f"Argument 'version' exceeded maximum length of {_LONGEST_VERSION} for DatasetId", code="UserError"
            )
        kind = new.properties.get("dataType")
        holder = self._arm.get(new.parent_id)
        if kind is None or (holder is not None and holder.properties.get("dataType") not in (None, kind)):
            known = holder.properties.get("dataType") if holder is not None else "uri_file or uri_folder"
            raise BadRequest(
                f"dataType of the data asset '{new.parent_id.rpartition('/')[2]}' is {kind!r}; it must be {known}.",
                code="UserError",
            )
        new.properties["dataUri"] = _long(new)
        if old is not None and old.properties.get("dataUri") != new.properties["dataUri"]:
            raise AssetPathFixed

    def is_asked_for(self, version: Resource, query: Mapping[str, str]) -> bool:
        return has(version.properties.get("tags") or {}, query.get("$tags", ""))

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return AssetPathFixed()


def _long(version: Resource) -> str:
    """Azure answers a path with its whole workspace, however it was said."""
    uri = version.properties.get("dataUri")
    if isinstance(uri, str) and (short := _SHORT.fullmatch(uri)):
        parts = version.parts
        workspace = version.id.partition("/workspaces/")[2].partition("/")[0]
        return (
            f"azureml://subscriptions/{parts.subscription}/resourcegroups/{parts.group}/workspaces/{workspace}"
            f"/datastores/{short['below']}"
        )
    if not isinstance(uri, str) or not _LONG.fullmatch(uri):
        raise BadRequest(
            f"dataUri is {uri!r}; of paths the stand-in has azureml://datastores/<name>/paths/<path>.", code="UserError"
        )
    return uri
