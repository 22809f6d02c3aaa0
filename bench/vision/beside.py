"""Our server beside Azure ML's with torch: the same weights, one core, the same photograph."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import time
import unittest.mock
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.scoring.models import Model
from bench.scoring.process import Running, running
from bench.scoring.servers import KEY, Launch, Server, ours_launch
from bench.scoring.workloads import Request, Workload
from bench.vision import networks, pictures
from bench.vision.networks import FP32, INT8
from models.pictures import centre, opened
from models.resnet152 import model
from models.resnet152.network import SIDE

TORCH = "torch, azmlinfsrv"
SERVERS = (FP32, INT8, TORCH)
TURNS, TURN = 5, 5
"""Turns in a round; requests to a server before the next is asked: a server at work finds its weights in the
caches, and one that is asked after two others does not, which costs the fastest most."""
# of the photograph any three classes: it is scaled in two ways, and the weights are drawn
_WHATEVER = unittest.mock.ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    milliseconds: float
    """Median of a round's requests, over HTTP."""
    cpu_ms: float
    """Of a request, of the server's whole process tree: on one core what the above is on a quiet machine."""
    cold_start_s: float
    """From the start of the process to the first right answer."""
    rss_bytes: int


def workload(name: str, size: tuple[int, int], kind: str) -> Workload:
    body = pictures.as_form(pictures.photograph(size, kind), kind)
    return Workload(
        name=name, model="resnet152", content_type=body.media_type, requests=(Request(body.content, _WHATEVER),)
    )


def first() -> Workload:
    """With the answer of our fp32 network, asked without a server."""
    made = workload("unscaled", pictures.UNSCALED, "PNG")
    content = pictures.photograph(pictures.UNSCALED, "PNG")
    seen = centre(opened(content, where="$"), SIDE, of=pictures.UNSCALED[1])
    index, _ = model.best(networks.artifact(FP32) / "model.onnx", seen[np.newaxis])
    return replace(made, requests=(replace(made.requests[0], answer=index[0].tolist()),))


def one_round() -> dict[str, Measured]:
    """All started anew, one after the other; then asked in turns, so that what else the machine does hits all alike."""
    asked, camera = first(), workload("camera", pictures.CAMERA, "JPEG")
    with contextlib.ExitStack() as stack:
        up = [stack.enter_context(running(server, served, asked)) for server, served in servers()]
        for one in up:
            one.ask(camera, camera.requests[0])
        before = [one.cpu_s() for one in up]
        took = [[_turn(one, camera) for one in up] for _ in range(TURNS)]
        return {
            one.server.name: Measured(
                milliseconds=statistics.median(itertools.chain.from_iterable(of_one)),
                cpu_ms=(one.cpu_s() - began) / (TURNS * TURN) * 1e3,
                cold_start_s=one.cold_start_s,
                rss_bytes=one.rss_bytes(),
            )
            for one, began, of_one in zip(up, before, zip(*took, strict=True), strict=True)
        }


def _turn(up: Running, camera: Workload) -> list[float]:
    return [_milliseconds(up, camera) for _ in range(TURN)]


def _milliseconds(up: Running, camera: Workload) -> float:
    began = time.perf_counter()
    up.ask(camera, camera.requests[0])
    return (time.perf_counter() - began) * 1e3


def servers() -> list[tuple[Server, Model]]:
    environment = networks.image_environment("resnet152")
    ours = [
        Server(
            name=name,
            environment=environment,
            launch=ours_launch(environment),
            models=("resnet152",),
            key=KEY,
            # int8 answers as nearly as it can
            expected=_as_is if name == FP32 else lambda answer: _WHATEVER,
            answer=places,
        )
        for name in (FP32, INT8)
    ]
    torch = Server(
        name=TORCH,
        environment=networks.torch_environment(),
        launch=azure_ml("azmlinfsrv_resnet152.py"),
        models=("resnet152",),
        answer=lambda answer: [place for place, _ in answer[0]["image"]],
    )
    folder = networks.checkpoint("resnet152").parent
    return [
        *((server, _served(networks.artifact(server.name), folder)) for server in ours),
        (torch, _served(networks.artifact(FP32), folder)),
    ]


def places(answer: Any) -> Any:
    """Of our answer, the places of its classes in the network's output, as torch's script gives them."""
    order = {label: place for place, (label, _) in enumerate(model.labels())}
    return [order[label] for label, _, _ in answer[0]["image"]]


def _as_is(answer: Any) -> Any:
    return answer


def _served(artifact: Path, folder: Path) -> Model:
    return Model(name="resnet152", data=folder, artifact=artifact, anchor=folder)


def azure_ml(script: str, **variables: str) -> Callable[[Model, int], Launch]:
    """With one of `anchors/`."""
    python = networks.torch_environment().python

    def launch(model: Model, port: int) -> Launch:
        return Launch(
            command=(
                *(str(python.with_name("azmlinfsrv")), "--entry_script", str(networks.HERE / "anchors" / script)),
                *("--model_dir", str(model.anchor), "--port", str(port), "--health_port", str(port)),
            ),
            variables={"PATH": f"{python.parent}:/usr/bin:/bin", **variables},
        )

    return launch
