"""What cannot be served never becomes ready, and says why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.card import Golden
from images.scoring.process.worker import EXIT_NOT_READY, EXIT_OK
from tests.images.scoring.conftest import NORMAL, Serve
from tests.images.scoring.edge.fake_client import FakeClient
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

UNDECODABLE = b"""
import msgspec
class Row(msgspec.Struct): a: int
def init(): ...
def run(data: list[Row] | set[Row]): ...
"""
UNRESOLVED = b"import msgspec\nclass Row(msgspec.Struct): a: int\ndef init(): ...\ndef run(data: 'Row | Gone'): ..."
Scripted = Callable[..., Path]


def change_golden(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    (example,) = (example for example in card["golden"] if example["name"] == "anomaly-overheated")
    example["output"]["anomaly"] = False
    (folder / "card.json").write_text(json.dumps(card))


async def test_a_golden_example_that_differs_is_never_ready_and_says_which(serve: Serve, spoiled: Path) -> None:
    change_golden(spoiled)
    async with serve(spoiled) as served:
        ready = await served.request("/ready")
        assert (ready.status, ready.error["code"]) == (503, "NotReady")
        assert ready.error["message"] == (
            "golden example 'anomaly-overheated' differs at $.anomaly: expected false, got true"
        )
        assert (await served.score(NORMAL)).status == 503
        assert (await served.request("/live")).status == 200
        assert "scoring_ready 0" in (await served.request("/metrics")).body.decode()


async def test_on_a_device_a_golden_example_that_differs_ends_the_process(serve: Serve, spoiled: Path) -> None:
    change_golden(spoiled)
    client = FakeClient()
    async with serve(spoiled, client=lambda: client) as served:
        assert await asyncio.wait_for(served.task, DEADLINE_S) == EXIT_NOT_READY
    assert not client.opened


async def test_a_ready_worker_ends_well(serve: Serve) -> None:
    async with serve() as served:
        served.worker.stop()
        assert await asyncio.wait_for(served.task, DEADLINE_S) == EXIT_OK


async def test_a_golden_example_may_differ_within_its_tolerance(serve: Serve, scripted: Scripted) -> None:
    golden = (Golden(name="third", input={}, output={"p": [0.33333]}, tolerance=1e-4),)
    script = "def init(): ...\ndef run(data): return {'p': [1 / 3]}\n"
    async with serve(scripted(script, golden)) as served:
        assert (await served.request("/ready")).status == 200


@pytest.mark.parametrize("output", [{"p": [0.3]}, {"p": [True]}, {"p": []}, {"p": "x"}, {}, {"p": [0.33333], "q": 1}])
async def test_a_golden_example_of_another_shape_or_value_differs(
    serve: Serve, scripted: Scripted, output: object
) -> None:
    golden = (Golden(name="third", input={}, output=output, tolerance=1e-4),)
    script = "def init(): ...\ndef run(data): return {'p': [1 / 3]}\n"
    async with serve(scripted(script, golden)) as served:
        assert "golden example 'third' differs" in (await served.request("/ready")).error["message"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.onnx", None, "model.onnx is missing"),
        ("model.onnx", b"not a model", "init() of score.py failed: "),
        ("score.py", None, "score.py is missing"),
        ("score.py", b"import nothing_like_this", "score.py cannot be imported: ModuleNotFoundError"),
        ("score.py", b"raise SystemExit(4)", "score.py cannot be imported: SystemExit"),
        ("score.py", b"def init(): ...", "score.py has no function run()"),
        ("score.py", b"def run(data): ...", "score.py has no function init()"),
        ("score.py", b"def init(): ...\ndef run(): ...", "run() of score.py must take one argument"),
        ("score.py", b"def init(): 1 / 0\ndef run(data): ...", "init() of score.py failed: ZeroDivisionError"),
        (
            "score.py",
            UNRESOLVED,
            "annotation that cannot be resolved",
        ),
        ("score.py", UNDECODABLE, "cannot be decoded from JSON"),
        ("card.json", None, "card.json"),
        ("card.json", b"{}", "schema is None, allowed is 1"),
    ],
)
async def test_a_broken_artifact_is_never_ready_and_says_what_is_broken(
    serve: Serve, spoiled: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is None:
        (spoiled / name).unlink()
    else:
        (spoiled / name).write_bytes(content)
    async with serve(spoiled) as served:
        ready = await served.request("/ready")
        assert ready.status == 503
        assert message in ready.error["message"]


async def test_an_untyped_script_gets_the_body_as_text(serve: Serve, scripted: Scripted) -> None:
    script = "def init(): ...\ndef run(data): return {'kind': type(data).__name__, 'data': data}\n"
    async with serve(scripted(script)) as served:
        assert (await served.request("/score", "ü".encode())).json == {"kind": "str", "data": "ü"}
        refused = await served.request("/score", b"\xff")
        assert (refused.status, refused.error["message"]) == (400, "body is not UTF-8: byte 0")


async def test_a_script_that_takes_bytes_gets_the_body_as_it_is(serve: Serve, scripted: Scripted) -> None:
    script = "def init(): ...\ndef run(data: bytes) -> int: return len(data)\n"
    async with serve(scripted(script)) as served:
        assert (await served.request("/score", b"\xff\x00\x01")).json == 3


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("return 1 / 0", "run() of the entry script failed; the log says why"),
        ("return object()", "run() returned object, which is no JSON"),
    ],
)
async def test_a_run_that_fails_is_a_500_that_says_so_and_hides_why(
    serve: Serve, scripted: Scripted, run: str, message: str
) -> None:
    async with serve(scripted(f"def init(): ...\ndef run(data): {run}\n")) as served:
        answer = await served.request("/score", b"{}")
        assert (answer.status, answer.error["code"]) == (500, "RunFailed")
        assert answer.error["message"] == message
        assert answer.headers["x-ms-run-function-failed"] == "True"


async def test_a_run_that_hangs_is_a_500_and_the_process_no_longer_alive(serve: Serve, scripted: Scripted) -> None:
    script = (
        "import threading\nrelease = threading.Event()\n"
        "def init(): ...\ndef run(data):\n    return release.wait(600) if data == 'hang' else release.set()\n"
    )
    async with serve(scripted(script), run_timeout_ms=100) as served:
        answer = await served.request("/score", b"hang")
        assert (answer.status, answer.error["code"]) == (500, "RunTimedOut")
        assert answer.error["message"] == "run() took longer than 100 ms"
        await served.until_not_alive()
        import entry_module  # type: ignore[import-not-found]

        entry_module.release.set()
