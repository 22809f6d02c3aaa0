"""Long operations: started, polled, remembered over a restart.

https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from standin.core.arm.kinds import Resource
from standin.core.clock import Clock, iso
from standin.core.errors import ServiceError
from standin.core.profile import Profile
from standin.core.store import Store

log = logging.getLogger("standin.operations")

_KIND = "operation"
_KEPT = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Operation:
    id: str
    resource_id: str
    verb: Literal["put", "delete", "post"]
    started_at: str
    polls_left: int
    finished: bool = False
    error: dict[str, Any] | None = None
    old: dict[str, Any] | None = None
    """The resource as it was before an update, for an operation that must be taken up again."""
    purge: bool = False
    answer: Any = None
    """What an action has answered, as JSON; None where that is nothing."""

    @property
    def status(self) -> str:
        if not self.finished or self.polls_left > 0:
            return "InProgress"
        return "Failed" if self.error else "Succeeded"

    def fail(self, problem: ServiceError) -> None:
        self.error = {"status": problem.status, "code": problem.code, "message": problem.message}

    def refusal(self) -> ServiceError:
        error = self.error or {}
        return ServiceError(error.get("message", ""), code=error.get("code"), status=error.get("status"))


class Operations:
    def __init__(self, store: Store, clock: Clock, profile: Profile) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._running: dict[str, asyncio.Task[None]] = {}

    def begin(
        self,
        resource: Resource,
        verb: Literal["put", "delete"],
        *,
        old: Resource | None = None,
        purge: bool = False,
    ) -> Operation:
        operation = Operation(
            id=str(uuid.uuid4()),
            resource_id=resource.id,
            verb=verb,
            started_at=iso(self._clock.now()),
            polls_left=self._profile.operation_polls,
            old=asdict(old) if old else None,
            purge=purge,
        )
        self._save(operation)
        return operation

    def of_action(self, resource: Resource, answer: Any, *, always: bool) -> Operation | None:
        """Of an action that is done, and that clients hear of late; None where they hear of it at once."""
        if not self._profile.operation_polls and not always:
            return None
        operation = Operation(
            id=str(uuid.uuid4()),
            resource_id=resource.id,
            verb="post",
            started_at=iso(self._clock.now()),
            polls_left=self._profile.operation_polls,
            finished=True,
            answer=answer,
        )
        self._save(operation)
        return operation

    def run(self, operation: Operation, work: Coroutine[Any, Any, None]) -> None:
        """Does the work beside the answer; `close` waits for it."""
        task = asyncio.get_running_loop().create_task(work, name=f"operation {operation.id}")
        self._running[operation.id] = task
        task.add_done_callback(lambda _: self._running.pop(operation.id, None))

    def finish(self, operation: Operation) -> None:
        """The work is done; clients still poll `polls_left` times before they hear of it."""
        operation.finished = True
        operation.old = None
        polled = self._store.get(_KIND, operation.id)
        if polled is not None:
            operation.polls_left = min(operation.polls_left, polled["polls_left"])
        self._save(operation)

    def forget(self, operation: Operation) -> None:
        self._store.delete(_KIND, operation.id)

    def poll(self, operation_id: str) -> Operation | None:
        """The operation as it is told now; each poll brings it nearer to its end."""
        saved = self._store.get(_KIND, operation_id)
        if saved is None:
            return None
        operation = Operation(**saved)
        told = Operation(**saved)
        if operation.polls_left > 0:
            operation.polls_left -= 1
            self._save(operation)
        return told

    def poll_of(self, resource_id: str) -> Operation | None:
        """The write of a resource that has not been told to be over yet. To ask for the resource is a poll, too."""
        for key, saved in self._store.list(_KIND) if self._profile.operation_polls else ():
            if saved["resource_id"].lower() == resource_id.lower() and saved["verb"] == "put":
                told = self.poll(key)
                if told is not None and told.status == "InProgress":
                    return told
        return None

    def interrupted(self) -> list[Operation]:
        """Begun and not finished by a process that was killed. Drops what nobody will ask for any more."""
        known = [Operation(**saved) for _, saved in self._store.list(_KIND)]
        for operation in known:
            if operation.finished and self._clock.now() - datetime.fromisoformat(operation.started_at) > _KEPT:
                self.forget(operation)
        return [operation for operation in known if not operation.finished]

    async def close(self) -> None:
        """Cancels what still runs: the next start takes it up again."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        for result in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("an operation ended badly at shutdown: %r", result)

    def _save(self, operation: Operation) -> None:
        self._store.put(_KIND, operation.id, asdict(operation))
