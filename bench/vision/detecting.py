"""maskrcnn beside torchvision under Azure ML's server: the same weights, two threads, the same photograph."""

from __future__ import annotations

import contextlib
import http.client
import statistics
import time
import unittest.mock
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bench.machine import BenchError
from bench.scoring.models import Model
from bench.scoring.process import Running, running
from bench.scoring.servers import KEY, Launch, Server, ours_launch
from bench.scoring.workloads import Request, Workload
from bench.vision import networks, pictures
from bench.vision.beside import TORCH, azure_ml
from bench.vision.networks import MASKRCNN

WITH_MASKS = "maskrcnn with masks"
ASKED = (MASKRCNN, WITH_MASKS, TORCH)
LIVE = "/live in a run"
THREADS, TURNS = 2, 3
_WHATEVER = unittest.mock.ANY

Milliseconds = dict[str, float]
"""By name of ASKED the median of a round, of LIVE the slowest. torchvision makes masks in any case."""


def one_round() -> Milliseconds:
    """Both started anew; then asked in turn."""
    plain, masks = _workload(masks=False), _workload(masks=True)
    with contextlib.ExitStack() as stack:
        ours, torch = (stack.enter_context(running(server, _served(), plain)) for server in _servers())
        ask = {MASKRCNN: (ours, plain), WITH_MASKS: (ours, masks), TORCH: (torch, plain)}
        took: dict[str, list[float]] = {name: [] for name in ASKED}
        for _ in range(TURNS):
            for name, (server, workload) in ask.items():
                took[name].append(_milliseconds(server, workload))
        return {LIVE: _slowest_live(ours, plain), **{name: statistics.median(times) for name, times in took.items()}}


def _slowest_live(up: Running, workload: Workload) -> float:
    """Of `/live`, asked again and again while a picture is looked at."""
    slowest = 0.0
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_milliseconds, up, workload)
        while not asked.done():
            began = time.perf_counter()
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", up.port, timeout=10)) as connection:
                connection.request("GET", "/live")
                status = connection.getresponse().status
            if status != 200:
                raise BenchError(f"/live answered {status} while a picture was looked at")
            slowest = max(slowest, (time.perf_counter() - began) * 1e3)
            time.sleep(0.01)
        asked.result()
    return slowest


def _milliseconds(up: Running, workload: Workload) -> float:
    began = time.perf_counter()
    up.ask(workload, workload.requests[0])
    return (time.perf_counter() - began) * 1e3


def _workload(*, masks: bool) -> Workload:
    photograph = pictures.photograph(pictures.CAMERA, "JPEG")
    body = pictures.as_form(photograph, "JPEG", **{"masks": "true"} if masks else {})
    request = Request(body.content, _WHATEVER)
    return Workload(name="camera", model=MASKRCNN, content_type=body.media_type, requests=(request,))


def _served() -> Model:
    folder = networks.checkpoint(MASKRCNN).parent
    return Model(name=MASKRCNN, data=folder, artifact=networks.artifact(MASKRCNN), anchor=folder)


def _servers() -> tuple[Server, Server]:
    threads = {"OMP_NUM_THREADS": str(THREADS)}
    image, torch = networks.image_environment(MASKRCNN), networks.torch_environment()

    def ours(model: Model, port: int) -> Launch:
        launch = ours_launch(image)(model, port)
        variables = {**launch.variables, **threads, "SCORING_TIMEOUT_MS": "60000"}
        return replace(launch, variables=variables)

    anchor = azure_ml("azmlinfsrv_maskrcnn.py", **threads)
    return (
        Server(name=MASKRCNN, environment=image, launch=ours, models=(MASKRCNN,), key=KEY, cores=THREADS),
        Server(name=TORCH, environment=torch, launch=anchor, models=(MASKRCNN,), cores=THREADS),
    )
