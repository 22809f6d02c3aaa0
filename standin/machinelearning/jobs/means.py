"""What the runs of jobs use, and where the files of a job lie in blob storage."""

from __future__ import annotations

from dataclasses import dataclass

from standin.blob import Blob, Blobs
from standin.containers.docker_host import DockerHost
from standin.core.arm import Arm, Resource
from standin.core.clock import Clock
from standin.machinelearning.jobs.container import Tracking
from standin.machinelearning.jobs.description import Output
from standin.machinelearning.jobs.files import Files, pieces
from standin.machinelearning.jobs.images import JobImages
from standin.machinelearning.jobs.locations import ARTIFACTS, DEFAULT, Location, Locations
from standin.machinelearning.jobs.record import Logged, Records
from standin.machinelearning.kinds.nodes import Nodes

LOG = "user_logs/std_log.txt"
_TAIL_BYTES, _TAIL_LINES = 4096, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    arm: Arm
    clock: Clock
    docker: DockerHost
    nodes: Nodes
    records: Records
    logged: Logged
    images: JobImages
    files: Files
    locations: Locations
    blobs: Blobs
    tracking: Tracking


class Log:
    """What a job wrote to both its streams, in a blob that grows with it."""

    def __init__(self, blobs: Blobs, files: Files, artifacts: Location) -> None:
        self._blobs = blobs
        self._files = files
        self._artifacts = artifacts
        self._place = (artifacts.account, artifacts.container, f"{artifacts.path}/{LOG}")

    async def begin(self) -> int:
        """Makes it, where it is not there; the bytes that it has."""
        there = self._there()
        if there is None:
            self._blobs.ensure_container(self._artifacts.account, self._artifacts.container)
            await self._files.write(self._artifacts, LOG, pieces(), "text/plain")
        return there.size if there else 0

    async def append(self, written: bytes) -> None:
        await self._blobs.append(*self._place, written)

    def last_lines(self) -> str:
        there = self._there()
        if there is None:
            return ""
        with self._blobs.file_of(there).open("rb") as file:
            file.seek(max(0, there.size - _TAIL_BYTES))
            text = file.read(_TAIL_BYTES).decode("utf-8", "replace")
        return "\n".join(text.rstrip().splitlines()[-_TAIL_LINES:])

    def _there(self) -> Blob | None:
        return self._blobs.find(*self._place)


def artifacts_of(locations: Locations, job: Resource) -> Location:
    """Where logs and what a script wrote to ./outputs lie. Raises JobFailed."""
    return locations.in_datastore(job.parent_id, ARTIFACTS, f"ExperimentRun/dcid.{job.name}")


def output_uri(job: Resource, name: str, said: Output) -> str:
    """In its long form, as azure-ai-ml reads it."""
    return said.uri or f"{_datastores(job)}/{DEFAULT}/paths/azureml/{job.name}/{name}/"


def artifacts_uri(job: Resource) -> str:
    return f"{_datastores(job)}/{ARTIFACTS}/paths/ExperimentRun/dcid.{job.name}/"


def _datastores(job: Resource) -> str:
    parts = job.parts
    workspace = job.parent_id.rpartition("/")[2]
    return (
        f"azureml://subscriptions/{parts.subscription}/resourcegroups/{parts.group}/workspaces/{workspace}/datastores"
    )
