"""The threads of a process: an entry script is imported, initialised and run on the main one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.card import Golden
from tests.images.scoring.client import Connection
from tests.images.scoring.process.test_process import ask, serving, start
from tests.ports import free_port
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

Scripted = Callable[..., Path]

BOUND = """
import asyncio, contextvars, decimal, signal, sqlite3, threading
import numpy as np
{typed}
local, variable = threading.local(), contextvars.ContextVar("variable", default="unset")
imported = threading.current_thread()
def init():
    global db, loop, initialised
    initialised = threading.current_thread()
    db = sqlite3.connect(":memory:")
    decimal.getcontext().prec = 5
    np.seterr(all="raise")
    local.scale = 3
    variable.set("set")
    signal.signal(signal.SIGUSR1, lambda *_: None)
    loop = asyncio.new_event_loop()
def run(data{annotation}):
    threads = {{thread.name for thread in (imported, initialised, threading.current_thread(), threading.main_thread())}}
    return {{
        "db": db.execute("select 7").fetchone()[0],
        "third": str(decimal.Decimal(1) / 3),
        "numpy": np.geterr()["divide"],
        "scale": local.scale,
        "variable": variable.get(),
        "threads": sorted(threads),
    }}
"""
ROW = "import msgspec\nclass Row(msgspec.Struct): x: int = 0"
FORMS = {
    "text": BOUND.format(typed="", annotation=""),
    "typed": BOUND.format(typed=ROW, annotation=": Row"),
    "typed and slow": BOUND.format(typed=f"{ROW}\nSLOW = True", annotation=": Row"),
}
GOT = {"db": 7, "third": "0.33333", "numpy": "raise", "scale": 3, "variable": "set", "threads": ["MainThread"]}
GOLDEN = (Golden(name="bound", input={"x": 1}, output=GOT),)


@pytest.mark.parametrize("form", FORMS)
async def test_what_a_thread_holds_at_the_start_is_there_in_run(scripted: Scripted, form: str) -> None:
    async with serving(scripted(FORMS[form], GOLDEN)) as (_, port):
        for _ in range(2):
            answer = await ask(port, "/score", b'{"x": 1}')
            assert answer is not None and answer.json == GOT


WAITS = """
import msgspec, time
class Row(msgspec.Struct): seconds: float = 0
SLOW = True
time.sleep(.5)
def init(): time.sleep(.5)
def run(data: Row):
    time.sleep(data.seconds)
    return "done"
"""


async def slowest_live(port: int, until: Callable[[], bool]) -> float:
    """Seconds."""
    slowest = 0.0
    while not until():
        began = time.perf_counter()
        answer = await ask(port, "/live")
        if answer is not None:
            assert answer.status == 200
            slowest = max(slowest, time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return slowest


async def test_probes_are_answered_while_a_slow_typed_script_starts_and_runs(scripted: Scripted) -> None:
    port = free_port()
    golden = (Golden(name="waits", input={"seconds": 0.5}, output="done"),)
    process = await start(SCORING_ARTIFACT=str(scripted(WAITS, golden)), SCORING_PORT=str(port))
    states: list[int] = []

    async def ready() -> None:
        while 200 not in states:
            if (answer := await ask(port, "/ready")) is not None:
                states.append(answer.status)
            await asyncio.sleep(0.01)

    try:
        async with asyncio.timeout(DEADLINE_S):
            starting = asyncio.create_task(ready())
            assert await slowest_live(port, starting.done) < 0.4  # of half a second, on a busy machine
            assert 503 in states
            running = asyncio.create_task(ask(port, "/score", b'{"seconds": 1}'))
            assert await slowest_live(port, running.done) < 0.8
            answer = await running
            assert answer is not None and answer.json == "done"
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


async def test_a_connection_of_the_start_is_told_to_come_again(scripted: Scripted) -> None:
    """Another loop serves once the model is there."""
    port = free_port()
    process = await start(SCORING_ARTIFACT=str(scripted(WAITS)), SCORING_PORT=str(port))
    try:
        async with asyncio.timeout(DEADLINE_S):
            while (answer := await ask(port, "/score", b"{}")) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            assert (answer.status, answer.headers["connection"]) == (503, "close")
            while (answer := await ask(port, "/ready")) is None or answer.status != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            connection = await Connection.open(port)
            for _ in range(2):
                assert (await connection.request("/score", b"{}")).json == "done"
            await connection.close()
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.parametrize(
    "script", [WAITS, "import time\ntime.sleep(60)\n", "import ctypes\nctypes.CDLL(None).sleep(60)"]
)
async def test_a_process_that_loads_ends_at_once_when_it_is_told_to(scripted: Scripted, script: str) -> None:
    port = free_port()
    process = await start(SCORING_ARTIFACT=str(scripted(script)), SCORING_PORT=str(port))
    async with asyncio.timeout(DEADLINE_S):
        while await ask(port, "/live") is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize("blocks", ["time.sleep(60)", "threading.Event().wait(60)", "pair[0].recv(1)"])
async def test_a_run_that_waits_is_interrupted_in_its_wait(scripted: Scripted, blocks: str) -> None:
    script = (
        "import socket, threading, time\npair = socket.socketpair()\ndef init(): ...\n"
        f"def run(data):\n    if data == 'wait': {blocks}\n    return 'done'\n"
    )
    async with serving(scripted(script), SCORING_TIMEOUT_MS="200") as (_, port):
        for _ in range(2):
            late = await ask(port, "/score", b"wait")
            assert late is not None and late.error["code"] == "RunTimedOut"
            answer = await ask(port, "/score", b"")
            assert answer is not None and answer.json == "done"


async def test_a_process_whose_run_hangs_in_c_still_ends(scripted: Scripted) -> None:
    hangs = "import ctypes\nlibc = ctypes.CDLL(None)\ndef init(): ...\ndef run(data):\n    while True: ask()\n"
    hangs += "def ask():\n    try: libc.sleep(600)\n    except TimeoutError: ...\n"
    async with serving(scripted(hangs), SCORING_TIMEOUT_MS="100", SCORING_DRAIN_DEADLINE_MS="500") as (process, port):
        answer = await ask(port, "/score", b"")
        assert answer is not None and answer.status == 500
        process.terminate()
        await asyncio.wait_for(process.communicate(), DEADLINE_S)
        assert process.returncode == 0


async def test_a_script_that_exits_in_run_fails_its_request_alone(scripted: Scripted) -> None:
    script = (
        "import sys\ndef init(): ...\ndef run(data):\n    if data == 'exit': sys.exit(1)\n    return json.loads('1')\n"
    )
    async with serving(scripted(f"import json\n{script}")) as (_, port):
        failed = await ask(port, "/score", b"exit")
        assert failed is not None and (failed.status, failed.error["code"]) == (500, "RunFailed")
        answer = await ask(port, "/score", b"")
        assert answer is not None and json.loads(answer.body) == 1


async def test_a_typed_run_that_needs_an_event_loop_of_its_own_is_never_ready_unless_it_says_slow(
    scripted: Scripted,
) -> None:
    script = f"import asyncio\n{ROW}\nasync def later(x): return x\ndef init(): ...\n"
    script += "def run(data: Row): return asyncio.run(later(data.x))\n"
    folder = scripted(script, (Golden(name="seven", input={"x": 7}, output=7),))
    process = await start(SCORING_ARTIFACT=str(folder), SCORING_PORT=str(free_port()), IOTEDGE_DEVICEID="edge-01")
    _, log = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode == 3
    assert b"asyncio.run() cannot be called from a running event loop" in log
    (folder / "score.py").write_text(f"SLOW = True\n{script}")
    async with serving(folder) as (_, port):
        answer = await ask(port, "/score", b'{"x": 8}')
        assert answer is not None and answer.json == 8
