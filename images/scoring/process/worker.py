"""One process: wires sockets, model and, on a device, the module loop; ends in order on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from contracts.card import ENTRY_SCRIPT
from images.daemon_thread import in_daemon_thread
from images.scoring.edge.module import ModuleClient, ModuleLoop
from images.scoring.errors import StartError
from images.scoring.http.app import create_app
from images.scoring.metrics import Metrics, WorkerMetrics
from images.scoring.process.secrets import Secrets
from images.scoring.process.server import HttpServer
from images.scoring.process.settings import Settings
from images.scoring.service.golden import check_golden
from images.scoring.service.readiness import Readiness
from images.scoring.service.service import Service, load_service

log = logging.getLogger("scoring.worker")

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_NOT_READY = 3
PARENT_CHECK_SECONDS = 1.0
CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    plain: socket.socket
    tls: socket.socket | None

    def close(self) -> None:
        self.plain.close()
        if self.tls is not None:
            self.tls.close()


class Worker:
    def __init__(
        self,
        settings: Settings,
        *,
        sockets: Sockets,
        secrets: Secrets,
        metrics: Metrics,
        index: int = 0,
        client: Callable[[], ModuleClient] | None = None,
        parent: int = 0,
    ) -> None:
        """`parent` is the supervisor's process: asked for here, it might be gone already."""
        self._parent = parent
        self._settings = settings
        self._client = client
        self._counters = metrics.worker(index)
        self.readiness = Readiness()
        self._stopping = asyncio.Event()
        self._module: ModuleLoop | None = None
        self._servers = list(self._make_servers(sockets, secrets, metrics))

    async def run(self) -> int:
        """Serve until told to stop; the exit code."""
        if self._settings.workers == 1:
            # before loading, so that probes are answered meanwhile, however large the model is
            await self._listen()
        tasks = [asyncio.create_task(self._load_and_consume()), asyncio.create_task(self._stopping.wait())]
        if self._settings.workers > 1:
            tasks.append(asyncio.create_task(self._stop_with_parent()))
        await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
        await self._drain()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("ending because of a failure", exc_info=outcome)
                return EXIT_FAILED
        return EXIT_NOT_READY if self.readiness.failed and self._client else EXIT_OK

    def stop(self) -> None:
        self._stopping.set()

    def _make_servers(self, sockets: Sockets, secrets: Secrets, metrics: Metrics) -> list[HttpServer]:
        limits = self._settings.limits
        app = partial(
            create_app,
            readiness=self.readiness,
            metrics=metrics,
            counters=self._counters,
            limits=limits,
            origins=self._settings.cors_origins,
            answers_lists=self._settings.answers_lists,
        )
        if sockets.tls is None:
            return [HttpServer(app(key=secrets.key), sockets.plain, limits=limits)]
        return [
            HttpServer(app(key=None, scores=False), sockets.plain, limits=limits),
            HttpServer(app(key=secrets.key), sockets.tls, limits=limits, tls=secrets.tls),
        ]

    async def _listen(self) -> None:
        for server in self._servers:
            await server.start()

    async def _load_and_consume(self) -> None:
        """Load the model; on a device then loop over messages, else wait. Returns only where the process must end."""
        service = await self._load()
        if self._settings.workers > 1:
            # not before: a worker that loads would take requests away from those that can answer them
            await self._listen()
        if self._client is None:
            await asyncio.Event().wait()
        elif service is not None:
            as_list = self._settings.answers_lists
            self._module = ModuleLoop(self._client(), service, self._counters, as_list=as_list)
            await self._module.run()
        # else: nobody probes a module, so only its exit shows on the device's twin

    async def _load(self) -> Service | None:
        try:
            service = await in_daemon_thread(lambda: _load(self._settings, self._counters), name="load")
        except StartError as error:
            log.error("not ready: %s", error.in_full)
            self.readiness.fail(str(error))
            return None
        # What start-up made lives as long as the process: not looking through it again removes the longest pauses.
        gc.collect()
        gc.freeze()
        service.start()
        self.readiness.succeed(service)
        log.info(
            "ready: %s %s, golden examples agree: %d", service.card.name, service.version, len(service.card.golden)
        )
        return service

    async def _drain(self) -> None:
        self.readiness.drain()
        loop = asyncio.get_running_loop()
        seconds = self._settings.drain_deadline_ms / 1e3
        deadline = loop.time() + seconds
        module = [self._module.drain(seconds=max(0.0, seconds - CLOSE_SECONDS))] if self._module is not None else []
        await asyncio.gather(self._drain_http(deadline), *module)
        if (service := self.readiness.loaded) is not None:
            service.close()

    async def _drain_http(self, deadline: float) -> None:
        # for a moment every answer says "connection: close" and new connections are still served: clients then go
        # elsewhere by themselves, and none finds the port closed between two requests
        await asyncio.sleep(self._settings.drain_grace_ms / 1e3)
        await asyncio.gather(*(server.stop(deadline=deadline) for server in self._servers))

    async def _stop_with_parent(self) -> None:
        # a supervisor that was killed sends no signal
        while os.getppid() == self._parent:  # noqa: ASYNC110
            await asyncio.sleep(PARENT_CHECK_SECONDS)
        self.stop()


def _load(settings: Settings, counters: WorkerMetrics) -> Service:
    service = load_service(settings.artifact, settings.runs, ran=counters.ran)
    check_golden(service, settings.artifact / ENTRY_SCRIPT)
    return service


def run_worker(worker: Callable[[], Worker]) -> int:
    """Run on uvloop with SIGTERM and SIGINT as the ways to stop."""
    import uvloop

    async def main() -> int:
        made = worker()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, made.stop)
        with contextlib.closing(_Handlers(loop)):
            return await made.run()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


class _Handlers:
    """Signal handlers of a loop, removed at the end so that a second SIGTERM during the exit kills."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def close(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.remove_signal_handler(number)
