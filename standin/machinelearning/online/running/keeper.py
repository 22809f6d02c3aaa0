"""Replicas on Kubernetes that are gone are made anew, as a deployment there keeps as many as are wanted."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from standin.core.errors import ServiceError
from standin.machinelearning.online.running.rollout import Rollout

log = logging.getLogger(__name__)

_EACH_S = 0.5


class Keeper:
    """In real time, as probes are."""

    def __init__(self, rollout: Rollout) -> None:
        self._rollout = rollout
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_EACH_S)
            for deployment in self._rollout.dead():
                try:
                    await self._rollout.mend(deployment)
                except ServiceError as problem:
                    log.warning("%s: a replica cannot be made anew: %s", deployment, problem.message)
