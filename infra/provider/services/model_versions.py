"""Versions of one model in an Azure ML workspace, through ARM: their tags and whether they are archived.

https://learn.microsoft.com/rest/api/azureml/model-versions
There is no delete for a version: history stays, and an archived one can be brought back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud.arm import ARM_HOST, ARM_LIMITS, Arm
from cloud.errors import ServiceError, is_missing
from cloud.operation import Operation
from cloud.retrying import RetryLimits

API_VERSION = "2024-10-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    version: str
    tags: Mapping[str, str]
    archived: bool
    created: str


class ModelVersions:
    """ModelVersions(ctx, "/subscriptions/.../models/anomaly").active()"""

    def __init__(self, operation: Operation, model_id: str, limits: RetryLimits = ARM_LIMITS) -> None:
        self._arm = Arm(operation, limits)
        self._id = model_id

    def id_of(self, version: str) -> str:
        return f"{self._id}/versions/{version}"

    def get(self, version: str) -> ModelVersion | None:
        try:
            return _version(self._arm.get(self.id_of(version), API_VERSION).body, version)
        except ServiceError as error:
            if is_missing(error):
                return None
            raise

    def active(self) -> list[ModelVersion]:
        """Those that are not archived, the newest first; none of a model or workspace that is not there."""
        path, query = f"{self._id}/versions", {"listViewType": "ActiveOnly"}
        found: list[Any] = []
        while path:
            try:
                page = self._arm.request("GET", path, API_VERSION, query=query).body
            except ServiceError as error:
                if is_missing(error):
                    return []
                raise
            found += page.get("value") or ()
            path, query = _next(page)
        versions = [one for body in found if not (one := _version(body, str(body["name"]))).archived]
        return sorted(versions, key=lambda one: one.created, reverse=True)

    def set(self, version: str, *, tags: Mapping[str, str] | None = None, archived: bool) -> None:
        """Without `tags` they stay."""
        path = self.id_of(version)
        properties = self._arm.get(path, API_VERSION).body["properties"]
        wanted = {**properties, "tags": dict(properties.get("tags") or {} if tags is None else tags)}
        wanted["isArchived"] = archived
        if wanted != properties:
            self._arm.request("PUT", path, API_VERSION, body={"properties": wanted})


def _next(page: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    from urllib.parse import parse_qsl, urlsplit

    link = urlsplit(str(page.get("nextLink") or "").removeprefix(ARM_HOST))
    return link.path, {name: value for name, value in parse_qsl(link.query) if name != "api-version"}


def _version(body: Mapping[str, Any], version: str) -> ModelVersion:
    properties = body.get("properties") or {}
    return ModelVersion(
        version=version,
        tags=dict(properties.get("tags") or {}),
        archived=bool(properties.get("isArchived")),
        created=str((body.get("systemData") or {}).get("createdAt") or ""),
    )
