"""Our server without process and sockets, for what does not need them: a script in a thread, a connection of bytes."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from images.scoring.errors import StartError
from images.scoring.http.app import create_app
from images.scoring.http.connection import Connection
from images.scoring.http.places import Places
from images.scoring.http.server_state import Crowd, ServerState
from images.scoring.metrics import Metrics
from images.scoring.process.settings import Settings
from images.scoring.service.readiness import Readiness
from images.scoring.service.script_thread import ScriptThread
from images.scoring.service.service import Service, load_service
from tests.images.scoring.official.case import Asked, Case, Said, said
from tests.waiting import DEADLINE_S


class Wire(asyncio.Transport):
    """Keeps what is written, until the server closes."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000), "sockname": ("127.0.0.1", 5001)})
        self.written = b""
        self.closed = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed.set()

    write_eof = abort = close

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def said_in_process(case: Case, folder: Path) -> Said:
    """`folder` holds the case's artifact."""
    settings, script = Settings(artifact=folder), ScriptThread()
    threading.Thread(target=script.work, daemon=True, name="script").start()
    try:
        service = await script.start(lambda: load_service(folder, settings.runs, thread=script)).done
    except StartError:
        return {"starts": False}
    else:
        state = _state(settings, service)
        return {"starts": True} | {title: await _asked(state, asked) for title, asked in case.asked.items()}
    finally:
        script.close()


async def _asked(state: ServerState, asked: Asked) -> dict[str, Any]:
    wire, connection = Wire(), Connection(state)
    connection.connection_made(wire)
    connection.data_received(asked.to_bytes())
    await asyncio.wait_for(wire.closed.wait(), DEADLINE_S)
    connection.connection_lost(None)
    return said(wire.written, asked)


def _state(settings: Settings, service: Service) -> ServerState:
    readiness, metrics = Readiness(), Metrics()
    readiness.succeed(service)
    app = create_app(
        readiness=readiness,
        metrics=metrics,
        counters=metrics.worker(0),
        limits=settings.limits,
        key=None,
        origins=(),
        answers_lists=False,
    )
    loop = asyncio.get_running_loop()
    places = Places(settings.limits.max_connections, loop.time)
    return ServerState(app=app, loop=loop, limits=settings.limits, half_close=True, places=places, crowd=Crowd(loop))
