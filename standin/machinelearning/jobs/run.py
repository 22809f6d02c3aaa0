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
from standin.machinelearning.jobs.container import Places, name_of
from standin.machinelearning.jobs.description import described
from standin.machinelearning.jobs.errors import JobFailed
from standin.machinelearning.jobs.files import temporary
from standin.machinelearning.jobs.locations import Location
from standin.machinelearning.jobs.means import Log, Means, artifacts_of, output_uri
from standin.machinelearning.jobs.preparing import Preparing
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
        self._preparing = Preparing(means, job, self._description)
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
                if self._record.started is None:
                    self._go_on()
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
            seen = None
        if seen is None or self._record.status != "Finalizing":  # then its log is whole, and nothing ends it any more
            if self._record.started is None:
                self._commit("Running", started=iso(self._means.clock.now()))
            seen = await self._follow()
            self._commit("Finalizing")
        await self._collect()
        if seen.exit_code:
            raise self._failed(seen)

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
        image = await self._preparing.image()
        self._go_on()
        token = secrets.token_urlsafe(32)
        self._commit("Preparing", token=hashlib.sha256(token.encode()).hexdigest())
        await self._preparing.create(image, token)
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
        for name, said in self._description.outputs.items():
            to = self._means.locations.of(self._job.parent_id, output_uri(self._job, name, said))
            await self._fetch(self._places.output(name), to)
        artifacts = artifacts_of(self._means.locations, self._job)
        for name in ("outputs", "logs"):
            await self._fetch(f"{self._places.work}/{name}", artifacts.below(name))

    async def _fetch(self, path: str, to: Location) -> None:
        with temporary() as archive:
            if await runs.fetch(self._means.docker, self._name, path, archive):
                await self._means.files.store(archive, to)

    # -- small things

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
