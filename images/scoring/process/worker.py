"""One worker: wires sockets, model and, on a device, the module loop; ends in order when it is told to."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from contracts.card import ENTRY_SCRIPT
from images.scoring.edge.module import ModuleClient, ModuleLoop
from images.scoring.errors import StartError
from images.scoring.http.app import create_app
from images.scoring.metrics import Metrics, WorkerMetrics
from images.scoring.process.allocator import give_back_freed_memory
from images.scoring.process.secrets import Secrets
from images.scoring.process.server import HttpServer
from images.scoring.process.settings import Settings
from images.scoring.service.golden import check_golden
from images.scoring.service.readiness import Readiness
from images.scoring.service.script_thread import ScriptThread
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

    def duplicates(self) -> Sockets:
        """The same sockets, to be closed for themselves."""
        return Sockets(plain=self.plain.dup(), tls=None if self.tls is None else self.tls.dup())

    def close(self) -> None:
        self.plain.close()
        if self.tls is not None:
            self.tls.close()


class Worker:
    """The event loop's side: servers and, on a device, the module loop."""

    def __init__(
        self,
        settings: Settings,
        *,
        sockets: Sockets,
        secrets: Secrets,
        metrics: Metrics,
        loaded: Service | StartError | None,
        index: int = 0,
        client: Callable[[], ModuleClient] | None = None,
        parent: int = 0,
    ) -> None:
        """`loaded` is what came of the model; None while it is loaded on another thread, where this one answers probes.
        `parent` is the supervisor's process: asked for here, it might be gone already."""
        self._parent = parent
        self._settings = settings
        self._client = client if loaded is not None else None
        self._counters = metrics.worker(index)
        self.readiness = Readiness()
        self._loaded = loaded
        self._stopping = asyncio.Event()
        self._handing_over = False
        self._module: ModuleLoop | None = None
        self._servers = list(self._make_servers(sockets, secrets, metrics))

    async def run(self) -> int:
        """Serve until told to stop; the exit code."""
        # of several, one that loads would take requests away from those that can answer them
        if self._loaded is not None or self._settings.workers == 1:
            await self._listen()
        self._tell_readiness()
        tasks = [asyncio.create_task(self._consume()), asyncio.create_task(self._stopping.wait())]
        if self._settings.workers > 1:
            tasks.append(asyncio.create_task(self._stop_with_parent()))
        await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
        told = self._stopping.is_set()
        await self._drain()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and told:
                # a connect that goes on while its client is shut down ends as the SDK likes
                log.warning("while stopping: %r", outcome)
            elif isinstance(outcome, Exception):
                log.error("ending because of a failure", exc_info=outcome)
                return EXIT_FAILED
        return EXIT_NOT_READY if self.readiness.failed and self._client else EXIT_OK

    def stop(self) -> None:
        self._stopping.set()

    def hand_over(self) -> None:
        """Leave new connections to another worker, which has the model, and end when those that are here have ended."""
        self._handing_over = True
        self._stopping.set()

    def _tell_readiness(self) -> None:
        loaded = self._loaded
        if isinstance(loaded, Service):
            loaded.start()
            self.readiness.succeed(loaded)
            examples = len(loaded.card.golden)
            named = f"{loaded.card.name} {loaded.version}"
            log.info("ready: %s on %s, golden examples agree: %d", named, loaded.device, examples)
        elif loaded is not None:
            log.error("not ready: %s", loaded.in_full)
            self.readiness.fail(str(loaded))

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

    async def _consume(self) -> None:
        """On a device loop over messages, else wait. Returns only where the process must end."""
        if self._client is None:
            await asyncio.Event().wait()
        elif isinstance(self._loaded, Service):
            as_list = self._settings.answers_lists
            self._module = ModuleLoop(self._client(), self._loaded, self._counters, as_list=as_list)
            await self._module.run()
        # else: nobody probes a module, so only its exit shows on the device's twin

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        seconds = self._settings.drain_deadline_ms / 1e3
        deadline = loop.time() + seconds
        if self._handing_over:
            await asyncio.gather(*(server.hand_over(deadline=deadline) for server in self._servers))
            return
        self.readiness.drain()
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


def load(settings: Settings, counters: WorkerMetrics, thread: ScriptThread) -> Service | StartError:
    """The model, its golden examples answered, or why it cannot be served. To be called on the script's thread."""
    try:
        service = load_service(settings.artifact, settings.runs, thread=thread, ran=counters.ran)
        check_golden(service, settings.artifact / ENTRY_SCRIPT)
    except StartError as error:
        return error
    # What start-up made lives as long as the process: not looking through it again removes the longest pauses.
    gc.collect()
    gc.freeze()
    give_back_freed_memory()
    return service
