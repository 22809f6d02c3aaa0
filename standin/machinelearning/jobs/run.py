"""The way of one job: queue, node, preparing, running, finalizing, end. Each step is committed before the next begins.

A run that is begun again (the stand-in was killed) looks at what Docker has of it: a container that was started runs on
and is followed from where its log stopped; one that was not is made again; one that is gone has failed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec

from standin.containers.errors import DockerAbsent
from standin.containers.job import output, runs
from standin.containers.job.spec import Seen
from standin.core.arm import Resource
from standin.core.clock import iso
from standin.core.errors import ServiceError
from standin.machinelearning.errors import ComputeGone
from standin.machinelearning.jobs.container import Places, container_of, name_of, values_of
from standin.machinelearning.jobs.description import described
from standin.machinelearning.jobs.errors import JobFailed
from standin.machinelearning.jobs.files import Placed, temporary
from standin.machinelearning.jobs.locations import Location
from standin.machinelearning.jobs.means import Log, Means, artifacts_of, output_uri
from standin.machinelearning.jobs.record import OVER, Failure, Record, Status

log = logging.getLogger("standin.jobs")

_ENGINE_TRIES = 60
_ENGINE_RETRY_S = 1.0
_SHELL = re.compile(r"[;&|<>()`$\n]")


class Canceled(Exception):
    """Somebody asked for it, or the time of the job is over; the message says which."""


class Run:
    def __init__(self, means: Means, job: Resource) -> None:
        self._means = means
        self._job = job
        self._description = described(job.properties)
        self._places = Places(job)
        self._name = name_of(means.docker, job)

    async def live(self) -> None:
        """To the end of the job; a stand-in that stops meanwhile leaves it as it is."""
        status, failure = await self._ending()
        self._commit(status, ended=iso(self._means.clock.now()), error=failure)
        with suppress(ServiceError, OSError):  # what is left now is removed at the next start
            await runs.remove(self._means.docker, self._name)
        self._means.nodes.give_back(self._description.compute_id, self._job.name)

    async def _ending(self) -> tuple[Status, Failure | None]:
        try:
            await self._with_an_engine()
        except Canceled as end:
            return "Canceled", Failure("UserError", str(end)) if str(end) else None
        except JobFailed as end:
            return "Failed", Failure(end.code, end.message)
        except ServiceError as problem:
            return "Failed", Failure("ServiceError", problem.message)
        except Exception:
            log.exception("job %s", self._job.id)
            return "Failed", Failure("ServiceError", "InternalServerError")
        return "Completed", None

    async def _with_an_engine(self) -> None:
        """An engine that went is waited for, a minute long: what it had of the job is looked at when it is back."""
        for left in reversed(range(_ENGINE_TRIES)):
            try:
                await self._work()
                return
            except (OSError, DockerAbsent) as problem:
                log.warning("job %s: the engine does not answer: %s", self._job.id, problem)
                if not left:
                    raise JobFailed(f"The node is gone: {problem}", code="ServiceError") from problem
                await asyncio.sleep(_ENGINE_RETRY_S)

    # -- the steps

    async def _work(self) -> None:
        seen = await runs.look(self._means.docker, self._name)
        if seen is None or not seen.started:
            if self._record.status in ("Running", "Finalizing"):
                raise JobFailed("The node on which the job ran was lost.", code="ServiceError")
            await self._take_a_node()
            await self._prepare()
            await runs.start(self._means.docker, self._name)
        if self._record.status not in ("Running", "Finalizing", "CancelRequested"):
            self._commit("Running", started=iso(self._means.clock.now()))
        ended = await self._follow()
        self._commit("Finalizing")
        await self._collect()
        if ended.exit_code:
            raise self._failed(ended)

    async def _take_a_node(self) -> None:
        self._go_on()
        self._commit("Queued")
        taking = asyncio.create_task(self._means.nodes.take(self._description.compute_id, self._job.name))
        canceling = asyncio.create_task(self._means.clock.wait_until(lambda: self._record.cancel))
        try:
            await asyncio.wait({taking, canceling}, return_when=asyncio.FIRST_COMPLETED)
            self._go_on()
            self._commit("Preparing", node=(await taking)[0].id)
        except ComputeGone as gone:
            raise JobFailed(gone.message) from gone
        finally:
            for task in (taking, canceling):
                task.cancel()
            await asyncio.gather(taking, canceling, return_exceptions=True)

    async def _prepare(self) -> None:
        """The container with all its files, not started yet."""
        means, job, said = self._means, self._job, self._description
        principal = self._principal()
        image = await means.images.fetch(said.environment_id, principal)
        self._go_on()
        single, placed = self._placed(principal)
        token = secrets.token_urlsafe(32)
        self._commit("Preparing", token=hashlib.sha256(token.encode()).hexdigest())
        region, bridge = self._workspace.location, means.docker.bridge_address
        container = container_of(
            means.docker,
            job,
            said,
            image,
            vm_size=str(self._compute.properties["properties"]["vmSize"]),
            values=values_of(self._places, said, single),
            variables=means.tracking.variables(job, region, token) if bridge else {},
            hosts=means.tracking.hosts(region, bridge) if bridge else {},
        )
        texts = means.tracking.files() if bridge else {}
        with await means.files.packed(self._places.folders(said), placed, texts) as files:
            await runs.create(means.docker, container, files)
        await self._log().begin()
        self._go_on()

    async def _follow(self) -> Seen:
        """Copies the log as it is written, until the container has ended."""
        ending = asyncio.create_task(self._end_early())
        try:
            kept = self._log()
            seen: Seen | None = None
            while seen is None or seen.running:
                skip = await kept.begin()
                async for written in output.output(self._means.docker, self._name):
                    if fresh := written[skip:]:
                        await kept.append(fresh)
                    skip = max(0, skip - len(written))
                seen = await runs.look(self._means.docker, self._name)
                if seen is None:
                    raise JobFailed("The node on which the job ran was lost.", code="ServiceError")
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)
        if (reason := self._reason_to_end()) is not None:
            raise reason
        return seen

    async def _end_early(self) -> None:
        await self._means.clock.wait_until(lambda: self._reason_to_end() is not None)
        await runs.end(self._means.docker, self._name)

    async def _collect(self) -> None:
        """What the job wrote: its outputs, and ./outputs and ./logs of its folder."""
        principal = self._principal()
        for name, said in self._description.outputs.items():
            to = self._means.locations.of(self._job.parent_id, output_uri(self._job, name, said))
            self._means.files.check(to, principal, write=True)
            await self._fetch(self._places.output(name), to)
        artifacts = artifacts_of(self._means.locations, self._job)
        for name in ("outputs", "logs"):
            await self._fetch(f"{self._places.work}/{name}", artifacts.below(name))

    async def _fetch(self, path: str, to: Location) -> None:
        with temporary() as archive:
            if await runs.fetch(self._means.docker, self._name, path, archive):
                await self._means.files.store(archive, to)

    # -- small things

    def _placed(self, principal: str) -> tuple[dict[str, Placed], list[Placed]]:
        """Inputs that are one file, by name; and all files that the container gets."""
        means, workspace = self._means, self._job.parent_id
        single: dict[str, Placed] = {}
        placed: list[Placed] = []
        for name, said in self._description.inputs.items():
            if said.uri is None or said.mode == "Direct":
                continue
            source = means.locations.of(workspace, said.uri)
            means.files.check(source, principal, write=False)
            if said.job_input_type == "uri_file":
                single[name] = means.files.file(source, self._places.input(name))
            else:
                placed += means.files.folder(source, self._places.input(name))
        if self._description.code_id:
            code = self._code(self._description.code_id)
            means.files.check(code, principal, write=False)
            placed += means.files.folder(code, self._places.work, writable=True)
        return single, [*placed, *single.values()]

    def _code(self, code_id: str) -> Location:
        code = self._means.arm.get(code_id)
        uri = code.properties.get("codeUri") if code else None
        if not isinstance(uri, str):
            raise JobFailed(f"The code asset '{code_id}' was not found.")
        return self._means.locations.of(self._job.parent_id, uri)

    def _principal(self) -> str:
        """Who reads, writes and pulls: the identity of the compute, or the workspace's where it has none."""
        asked = self._description.identity
        for resource in (self._compute, self._workspace):
            block = resource.body.get("identity") or {}
            for name, each in (block.get("userAssignedIdentities") or {}).items():
                if asked is None or (
                    asked.client_id in (None, each["clientId"]) and (asked.resource_id or name).lower() == name.lower()
                ):
                    return str(each["principalId"])
            if block.get("principalId"):
                return str(block["principalId"])
        raise JobFailed(f"Neither the compute nor the workspace of the job '{self._job.name}' has that identity.")

    def _reason_to_end(self) -> Exception | None:
        record, limit = self._record, self._description.timeout_s
        if record.cancel:
            return Canceled()
        if limit is not None and record.started is not None:
            over = datetime.fromisoformat(record.started) + timedelta(seconds=limit)
            if self._means.clock.now() >= over:
                return Canceled(f"The job ran longer than its limit of {limit:g} s.")
        try:
            held = self._means.nodes.held(self._description.compute_id, self._job.name)
        except ComputeGone as gone:
            return JobFailed(gone.message)
        return None if held else JobFailed("The node on which the job ran was lost.", code="ServiceError")

    def _failed(self, ended: Seen) -> JobFailed:
        words = self._description.command.split()
        process = "/bin/bash" if _SHELL.search(self._description.command) else words[0]
        memory = " It had used up the memory of its node." if ended.out_of_memory else ""
        return JobFailed(
            f"Execution failed. User process '{process}' exited with status code {ended.exit_code}.{memory} Please "
            f"check log file 'user_logs/std_log.txt' for error details. Error: {self._log().last_lines()}"
        )

    def _go_on(self) -> None:
        if self._record.cancel:
            raise Canceled

    def _log(self) -> Log:
        return Log(self._means.blobs, self._means.files, artifacts_of(self._means.locations, self._job))

    def _commit(self, status: Status, **facts: Any) -> None:
        record = self._record
        if record.cancel and status not in OVER:
            status = "CancelRequested"
        self._means.records.save(self._job.key, msgspec.structs.replace(record, status=status, **facts))

    @property
    def _record(self) -> Record:
        """As it is now: a cancelation is written into it from outside."""
        return self._means.records.get(self._job.key) or Record(name=self._job.name)

    @property
    def _compute(self) -> Resource:
        compute = self._means.arm.get(self._description.compute_id)
        if compute is None:
            raise JobFailed(ComputeGone(self._description.compute_id.rpartition("/")[2]).message)
        return compute

    @property
    def _workspace(self) -> Resource:
        return self._means.arm.require(self._job.parent_id)
