"""On what a server computes is told by its log, /ready, metrics and, where it had a choice, by each answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import onnxruntime
import pytest

from images.edge_hub.messages import Inbound
from images.scoring.edge.messages import score_message
from images.scoring.model import device
from images.scoring.process.settings import Settings
from images.scoring.process.worker import EXIT_NOT_READY
from images.scoring.service.service import load_service
from tests.images.scoring.conftest import BODY, NORMAL, Serve
from tests.images.scoring.edge.fake_client import FakeClient
from tests.waiting import DEADLINE_S

HEADER = "x-scoring-device"


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the image for GPUs, on a machine without one."""
    monkeypatch.setattr(device, "_has_cuda", lambda: True)
    monkeypatch.setattr(onnxruntime, "InferenceSession", onnxruntime.InferenceSession)  # put back at the end


async def test_the_image_for_gpus_serves_on_the_cpu_where_there_is_none_and_says_so(
    serve: Serve, both: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with serve() as served:
        answer = await served.score(NORMAL)
        assert (answer.status, answer.headers[HEADER]) == (200, "cpu")
        assert (await served.request("/ready")).json["device"] == "cpu"
        assert '",device="cpu"} 1' in (await served.request("/metrics")).body.decode()
    assert any(line.startswith("on the CPU: there is no driver of NVIDIA here") for line in caplog.messages)
    assert any(" on cpu, golden examples agree" in line for line in caplog.messages)


async def test_the_plain_image_has_nothing_to_add_to_its_answers(serve: Serve) -> None:
    async with serve() as served:
        assert HEADER not in (await served.score(NORMAL)).headers
        assert (await served.request("/ready")).json["device"] == "cpu"


@pytest.mark.parametrize("image", ["plain", "for GPUs"])
async def test_cuda_that_cannot_be_had_is_never_ready_and_says_why(
    serve: Serve, request: pytest.FixtureRequest, image: str
) -> None:
    if image != "plain":
        request.getfixturevalue("both")
    async with serve(device="cuda") as served:
        ready = await served.request("/ready")
        reason = {"plain": "the ONNX Runtime of this image has the CPU alone; scoring_gpu has both"}.get(image)
        assert (ready.status, ready.error["code"]) == (503, "NotReady")
        assert ready.error["message"].startswith(
            f"SCORING_DEVICE is cuda, but {reason or 'there is no driver of NVIDIA here: libcuda.so.1: '}"
        )
        assert (await served.score(NORMAL)).status == 503


async def test_on_a_device_cuda_that_cannot_be_had_ends_the_process(serve: Serve) -> None:
    client = FakeClient()
    async with serve(client=lambda: client, device="cuda") as served:
        assert await asyncio.wait_for(served.task, DEADLINE_S) == EXIT_NOT_READY
    assert not client.opened


async def test_a_scored_message_says_it_too(artifact: Path, both: None) -> None:
    service = load_service(artifact, Settings().runs)
    sent = await score_message(service, Inbound(input_name="amlInput", body=BODY))
    assert sent.properties["device"] == "cpu"
