"""The benchmark's own arithmetic: ratios, verdicts, who owns a sample, and that wrong answers are seen."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from bench.machine import BenchError
from bench.scoring import environments, load, models, report, servers
from bench.scoring.load import Measured, measure
from bench.scoring.models import ANOMALY, MNIST, Model
from bench.scoring.process import Running
from bench.scoring.profile import owner, parts
from bench.scoring.report import ONE_ROW, ratios, shown, text
from bench.scoring.rounds import Results, Started
from bench.scoring.servers import AZURE_ML, FASTAPI, OURS, every_server
from bench.scoring.workloads import JSON, Request, Workload
from models.mnist_keras.model import export
from tests.models.mnist_keras.network import random_layers

ROOT = Path(__file__).resolve().parents[2]


def measured(**changed: float) -> Measured:
    values: dict[str, Any] = {
        "requests_per_s": 1.0,
        "cpu_us": 1.0,
        "p50_us": 1.0,
        "p99_us": 1.0,
        "load_busy": 0.1,
        "requests": 1,
        "failed": 0,
    }
    return Measured(**{**values, **changed})


def results(rate: float, cpu: float) -> Results:
    made = Results()
    for server, requests, spent in ((OURS, rate, cpu), (AZURE_ML, 1000.0, 700.0), (FASTAPI, 3000.0, 300.0)):
        for connections in (16, 1):
            made.loads[server, ONE_ROW, connections] = [
                measured(requests_per_s=requests * drift, cpu_us=spent) for drift in (0.5, 1.0, 2.0)
            ]
        made.starts[server, ANOMALY] = [Started(1.0, 100)]
        made.site_packages_bytes[server, ANOMALY] = 100
    return made


def test_ratios_are_taken_round_by_round_so_that_drift_cancels() -> None:
    first = ratios(results(18_000.0, 20.0))[0]
    assert (first.measure, first.anchor, first.low, first.median, first.high) == ("requests/s", AZURE_ML, 18, 18, 18)


@pytest.mark.parametrize(
    ("rate", "verdict"), [(11_900.0, "MISSED"), (12_000.0, "floor"), (17_000.0, "goal"), (30_000.0, "stretch")]
)
def test_where_more_is_better_the_bound_that_is_reached_is_told(rate: float, verdict: str) -> None:
    assert ratios(results(rate, 20.0))[0].verdict == verdict


@pytest.mark.parametrize(("cpu", "verdict"), [(51.0, "MISSED"), (50.0, "floor"), (43.0, "goal"), (25.0, "stretch")])
def test_where_less_is_better_too(cpu: float, verdict: str) -> None:
    (ratio,) = (ratio for ratio in ratios(results(20_000.0, cpu)) if ratio.measure == "CPU per request")
    assert ratio.verdict == verdict


def test_every_target_of_the_table_is_printed_before_any_absolute_figure() -> None:
    lines = list(text(results(20_000.0, 20.0)))
    assert lines[0].startswith("ours over the anchor")
    assert "MISSED" in "".join(lines[1:8])
    assert lines.index("") == 8


def test_a_noisy_machine_is_told() -> None:
    noisy = results(1.0, 1.0)
    noisy.others_busy = 0.4
    assert "noisy: others used 40% of the two cores" in list(text(noisy))[-1]


def test_requests_that_an_anchor_failed_are_told() -> None:
    made = results(1.0, 1.0)
    made.loads[AZURE_ML, ONE_ROW, 16].append(measured(failed=2, requests=9))
    assert f"failed: 2 of 12 requests of {ONE_ROW} at 16 connections by azmlinfsrv" in list(text(made))


def test_ratios_are_written_as_the_targets_are() -> None:
    assert [shown(value) for value in (17.04, 1 / 14, 0.37)] == ["17.0x", "1/14.0", "0.37"]


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("main (runners.py:1);uv_run (core.c:4);send (libpthread.so)", "uvloop and the kernel"),
        ("run (asyncio/runners.py:1);data_received (images/scoring/connection.py:9)", "images/scoring/connection.py"),
        ("data_received (images/scoring/connection.py:9);llhttp__run (llhttp.c:3)", "httptools"),
        ("run (score.py:60);onnxruntime::Run (onnxruntime/capi/onnxruntime_pybind11_state.so)", "ONNX Runtime"),
        ("run (uvicorn/protocols/http/httptools_impl.py:4)", "uvicorn"),
        ("_start (python3.11)", "the interpreter"),
    ],
)
def test_a_sample_belongs_to_the_innermost_part_that_is_known(stack: str, expected: str) -> None:
    assert owner(stack.split(";")) == expected


def test_parts_add_up_to_the_price_of_a_request() -> None:
    waiting = "Event.wait (threading.py:629);Condition.wait (threading.py:331);lock (libpython3.11.so) 40"
    owners = parts(["a (x.py:1) 30", "a (y.py:2) 10", waiting], cpu_us=20.0)
    assert [(part.name, part.share, part.cpu_us) for part in owners] == [("x.py", 0.75, 15.0), ("y.py", 0.25, 5.0)]


def test_the_measured_environment_is_pruned_as_the_image_is() -> None:
    dockerfile = (ROOT / "images" / "scoring" / "Dockerfile").read_text()
    removed = re.search(r"rm -rf (?P<folders>onnxruntime[^\\]*)", dockerfile)
    assert removed is not None
    assert tuple(removed["folders"].split()) == environments.PRUNED
    assert f"find {environments.PRUNED_TESTS_OF} -type d -name tests" in dockerfile


def test_every_requirement_of_an_anchor_is_pinned_and_hashed() -> None:
    for server in every_server():
        content = "".join(file.read_text() for file in server.environment.requirements)
        assert "==" in content
        assert content.count("==") <= content.count("--hash=sha256:"), server.name


def test_the_anchors_get_the_weights_that_were_exported(tmp_path: Path) -> None:
    layers = random_layers()
    made = Model(name=MNIST, data=tmp_path, artifact=tmp_path, anchor=tmp_path)
    (tmp_path / "model.onnx").write_bytes(export(layers))
    models._as_weights(made)
    with np.load(tmp_path / "weights.npz") as weights:
        given = [weights[f"arr_{index}"] for index in range(len(weights.files))]
    expected = [array for layer in layers for array in (layer.kernel, layer.bias) if array is not None]
    assert len(given) == len(expected)
    assert all((one == other).all() for one, other in zip(given, expected, strict=True))


async def _answering(answers: list[bytes], status: int) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = 0
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(re.search(rb"Content-Length: (\d+)", head)[1])  # type: ignore[index]
            await reader.readexactly(length)
            answer = answers[count % len(answers)]
            count += 1
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(answer), answer))

    def forgiving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        async def run() -> None:
            try:
                await serve(reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        return run()

    return await asyncio.start_server(forgiving, "127.0.0.1", 0)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed (Debian package wrk)")
@pytest.mark.parametrize(
    ("name", "answers", "status", "problem"),
    [
        (AZURE_ML, [b"[1]"], 200, None),
        (AZURE_ML, [b"[1]"], 503, None),
        (AZURE_ML, [b"[1]", b"[2]"], 200, r"azmlinfsrv, w: \d+ of \d+ wrong"),
        (OURS, [b"[1]"], 503, r"edgeway, w: \d+ of \d+ refused or broken"),
    ],
)
async def test_every_answer_under_load_is_compared(
    name: str, answers: list[bytes], status: int, problem: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "LOCAL", tmp_path)
    server = await _answering(answers, status)
    fake = SimpleNamespace(
        server=dataclasses.replace(every_server()[0], name=name),
        port=server.sockets[0].getsockname()[1],
        ask=lambda workload, request: b"[1]",
        cpu_s=lambda: 0.0,
    )
    workload = Workload(name="w", model=ANOMALY, content_type=JSON, requests=(Request(b"{}", [1]),))
    call = asyncio.to_thread(measure, cast("Running", fake), workload, connections=2, seconds=1)
    async with server:
        if problem is None:
            outcome = await call
            assert outcome.requests > 10
            assert (outcome.failed > 0) == (status != 200)
        else:
            with pytest.raises(BenchError, match=problem):
                await call


def test_mlserver_is_asked_the_same_rows_in_its_own_form() -> None:
    row = {"machine": {"temperature": 1, "pressure": 2}, "ambient": {"temperature": 3, "humidity": 4}}
    (mlserver,) = (server for server in every_server() if server.name == servers.MLSERVER)
    sent = mlserver.body(Request(str([row, row]).replace("'", '"').encode(), None))
    assert b'"shape":[2,4]' in sent and b'"data":[1,2,3,4,1,2,3,4]' in sent
    assert mlserver.expected([{"anomaly": True}, {"anomaly": False}]) == [True, False]
    assert mlserver.answer({"outputs": [{"data": [1, 0]}]}) == [True, False]
    assert report.ORDER.count(mlserver.name) == 1


def test_our_server_is_started_with_what_its_image_sets() -> None:
    dockerfile = (ROOT / "images" / "scoring" / "Dockerfile").read_text()
    settings = {word for line in re.findall(r"^ENV (.*)$", dockerfile, re.MULTILINE) for word in line.split()}
    assert {f"{name}={value}" for name, value in servers.IMAGE_ENVIRONMENT.items()} <= settings
