"""All jobs: begun, taken up after a restart, canceled, removed."""

from __future__ import annotations

import asyncio
import logging
import re

import msgspec

from standin.containers.job import runs
from standin.core.arm import Resource
from standin.core.clock import iso
from standin.core.errors import ServiceError
from standin.machinelearning.jobs.container import KIND, name_of
from standin.machinelearning.jobs.description import check, check_unchanged, described
from standin.machinelearning.jobs.errors import InvalidJob, JobFailed, NotCancelable
from standin.machinelearning.jobs.means import LOG, Means, artifacts_of, artifacts_uri, output_uri
from standin.machinelearning.jobs.record import Record
from standin.machinelearning.jobs.run import Run

log = logging.getLogger("standin.jobs")

_END_S = 60.0
_OUTPUT = re.compile(r"azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/?(?P<path>.*))?", re.I)
TYPE = "Microsoft.MachineLearningServices/workspaces/jobs"


class Jobs:
    def __init__(self, means: Means) -> None:
        self._means = means
        self._running: dict[str, asyncio.Task[None]] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Goes on with all that are not over; what Docker has of others goes."""
        for resource in self._means.arm.list(TYPE):
            record = self.record(resource)
            if record.over:
                self._means.nodes.give_back(str(resource.properties.get("computeId")), resource.name)
            else:
                self._run(resource)
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep())

    async def close(self) -> None:
        """The containers run on, and are found again."""
        tasks = [*self._running.values(), *([self._sweeping] if self._sweeping else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- what the resource manager asks

    def check(self, new: Resource, old: Resource | None) -> None:
        if old is not None:
            check_unchanged(old.properties, new.properties)
            return
        description = check(new.name, new.properties)
        arm = self._means.arm
        there = {"computeId": description.compute_id, "environmentId": description.environment_id}
        if description.code_id:
            there["codeId"] = description.code_id
        for field, asked in there.items():
            if arm.get(asked) is None:
                raise InvalidJob(f"{field}: the resource '{asked}' does not exist.")
        for name, output in description.outputs.items():
            try:
                self._means.locations.of(new.parent_id, output_uri(new, name, output))
            except JobFailed as nowhere:
                raise InvalidJob(f"outputs.{name}: {nowhere.message}") from nowhere

    def submit(self, resource: Resource) -> None:
        """Once, however often it is asked for."""
        if self._means.records.get(resource.key) is None:
            now = iso(self._means.clock.now())
            self._means.records.save(resource.key, Record(name=resource.name, created=now))
        if not self.record(resource).over:
            self._run(resource)

    def cancel(self, resource: Resource) -> None:
        """Its run sees that it is to end. Raises NotCancelable."""
        record = self.record(resource)
        if record.over or record.status == "Finalizing":
            raise NotCancelable(resource.name, record.status)
        self._means.records.save(resource.key, msgspec.structs.replace(record, cancel=True, status="CancelRequested"))

    async def remove(self, resource: Resource) -> None:
        """A run ends as one that is canceled does, and takes its container with it."""
        task = self._running.get(resource.key)
        if task is not None:
            self._means.records.save(resource.key, msgspec.structs.replace(self.record(resource), cancel=True))
            await asyncio.wait({task}, timeout=_END_S)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not self.record(resource).over:
            await runs.remove(self._means.docker, name_of(self._means.docker, resource))
        self._means.nodes.give_back(str(resource.properties.get("computeId")), resource.name)
        self._means.records.forget(resource.key)
        self._means.logged.forget(resource.key)

    # -- what is told

    def record(self, resource: Resource) -> Record:
        return self._means.records.get(resource.key) or Record(name=resource.name, created=resource.created_at)

    def outputs(self, resource: Resource) -> dict[str, str]:
        """The URI of each output, in its long form."""
        described_outputs = described(resource.properties).outputs
        return {name: output_uri(resource, name, said) for name, said in described_outputs.items()}

    def output_of(self, workspace_id: str, uri: str) -> tuple[str, str] | None:
        """Job, and long URI, of `azureml://jobs/<job>/outputs/<output>/paths/<path>`; None for another URI.

        Raises InvalidJob where there is no such output, or not yet.
        """
        matched = _OUTPUT.fullmatch(uri)
        if matched is None:
            return None
        job = self._means.arm.get(f"{workspace_id}/jobs/{matched['job']}")
        if job is None:
            raise InvalidJob(f"{uri!r}: there is no job '{matched['job']}'.")
        outputs = {**self.outputs(job), **dict.fromkeys(("artifacts", "default"), artifacts_uri(job))}
        if matched["output"] not in outputs:
            raise InvalidJob(f"{uri!r}: the job has no output '{matched['output']}', but {', '.join(outputs)}.")
        if (status := self.record(job).status) != "Completed":
            raise InvalidJob(f"{uri!r}: the job is {status}; what it wrote is there when it is Completed.")
        return job.name, outputs[matched["output"]].rstrip("/") + "/" + (matched["path"] or "").lstrip("/")

    def workspace(self, resource: Resource) -> Resource:
        return self._means.arm.require(resource.parent_id)

    def find(self, workspace: str, name: str) -> Resource | None:
        """By the workspace's own GUID."""
        for resource in self._means.arm.list(TYPE):
            if resource.name == name and self.workspace(resource).private.get("workspaceId") == workspace:
                return resource
        return None

    def log_address(self, resource: Resource) -> tuple[str, str] | None:
        """Account, and "container/blob", of what the job wrote; None before it wrote."""
        try:
            place = artifacts_of(self._means.locations, resource).below(LOG)
        except JobFailed:
            return None
        there = self._means.blobs.find(place.account, place.container, place.path)
        return (place.account, f"{place.container}/{place.path}") if there else None

    # -- small things

    def _run(self, resource: Resource) -> None:
        if resource.key not in self._running:
            task = asyncio.get_running_loop().create_task(Run(self._means, resource).live(), name=resource.name)
            self._running[resource.key] = task
            task.add_done_callback(lambda _: self._running.pop(resource.key, None))

    async def _sweep(self) -> None:
        docker = self._means.docker
        wanted = {name_of(docker, one) for one in self._means.arm.list(TYPE) if not self.record(one).over}
        try:
            for name in await runs.names(docker, KIND) - wanted:
                log.info("removing what is left of %s", name)
                await runs.remove(docker, name)
        except (ServiceError, OSError) as problem:
            log.warning("jobs: %s", problem)
