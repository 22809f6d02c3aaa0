"""Jobs of a workspace through ARM: how they are, and their cancelling.

https://learn.microsoft.com/rest/api/azureml/jobs
A job cannot be deleted while it runs, nor its name be used again, so all that were sent are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloud.arm import Arm
from cloud.errors import ServiceError, is_missing
from cloud.reading import listed

API_VERSION = "2024-10-01"
COMPLETED = "Completed"
FAILED = frozenset({"Failed", "Canceled", "NotResponding"})
ENDED = frozenset({COMPLETED, *FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    name: str
    status: str
    tags: Mapping[str, str]
    compute: str
    """Its name in the workspace; empty for a job without one."""
    created: str
    studio: str
    """The page of the job; empty where Azure names none."""

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED


class Jobs:
    """Jobs(Arm(ctx), "/subscriptions/.../workspaces/mlw-edgeway").get("anomaly-0123456789ab-1")"""

    def __init__(self, arm: Arm, workspace_id: str) -> None:
        self._arm = arm
        self._id = f"{workspace_id}/jobs"

    def get(self, name: str) -> Job | None:
        try:
            return _job(self._arm.get(f"{self._id}/{name}", API_VERSION).body)
        except ServiceError as error:
            if is_missing(error):
                return None
            raise

    def all(self) -> Iterator[Job]:
        """The newest first, as Azure lists them; none of a workspace that is not there."""

        def get(path: str, version: str, **query: str) -> Any:
            return self._arm.get(path, version, **query).body or {}

        try:
            yield from map(_job, listed(get, self._id, API_VERSION))
        except ServiceError as error:
            if not is_missing(error):
                raise

    def cancel(self, name: str) -> None:
        """Accepted, not done: a job ends some time later. One that has ended, or is gone, stays as it is."""
        try:
            self._arm.request("POST", f"{self._id}/{name}/cancel", API_VERSION)
        except ServiceError as error:
            if not is_missing(error) and not self._has_ended(name):
                raise

    def _has_ended(self, name: str) -> bool:
        job = self.get(name)
        return job is None or job.has_ended


def _job(body: Mapping[str, Any]) -> Job:
    properties = body.get("properties") or {}
    studio = (properties.get("services") or {}).get("Studio") or {}
    return Job(
        name=str(body["name"]),
        status=str(properties.get("status") or "Unknown"),
        tags=dict(properties.get("tags") or {}),
        compute=str(properties.get("computeId") or "").rpartition("/")[2],
        created=str((body.get("systemData") or {}).get("createdAt") or ""),
        studio=str(studio.get("endpoint") or ""),
    )
