"""What stands: the camera's module, its detector and the edge hub on one core; cloud and viewer on the other."""

from __future__ import annotations

import contextlib
import socket
import unittest.mock
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench.edge.messages import SDK
from bench.edge.orders import Child
from bench.edge.process import Process
from bench.edge.site import site
from bench.edge.ways import edge_hub, of_module
from bench.machine import cores
from bench.scoring.environments import LOCAL
from bench.scoring.models import Model
from bench.scoring.process import Running, running
from bench.scoring.servers import Launch, Server, ours_launch
from bench.scoring.workloads import Request, Workload
from bench.vision import networks, pictures
from bench.vision.networks import PEOPLE
from images.image_capture.pattern import HEIGHT, STEPS, WIDTH, pattern
from models.people_detection.score import detector

FOUND = 20
"""In a frame, at the least in one of four; so most are drawn on and written anew for the viewer. A detector that was
trained for a moment only is as sure of one place as of the next: its floor is chosen so that it has few to choose of,
as one that knows something has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    camera: Child
    detector: Running
    hub: Process
    cloud: Child
    viewer: Child


@contextlib.contextmanager
def standing() -> Iterator[Chain]:
    with site() as where, running(_server(), _served(), _first()) as detector:
        cloud = where.child("camera's cloud", "bench.edge.cloud", str(where.folder), where.address)
        told, port = cloud.answer(), _free_port()
        hub = edge_hub(where)
        camera = where.child(
            "camera",
            "bench.vision.camera.module",
            *(str(_clip()), str(detector.port), str(port)),
            variables=of_module(where, told, SDK.scorer),
            core=cores()[0],
        )
        camera.answer()
        viewer = where.child("viewer", "bench.vision.camera.watcher", str(port))
        yield Chain(camera=camera, detector=detector, hub=hub, cloud=cloud, viewer=viewer)


def _server() -> Server:
    image = networks.image_environment(PEOPLE)
    return Server(name=PEOPLE, environment=image, launch=_launch, models=(PEOPLE,))


def _launch(model: Model, port: int) -> Launch:
    """As on a device, where no key is asked for."""
    none = LOCAL / "no-secrets"
    none.mkdir(parents=True, exist_ok=True)
    launch = ours_launch(networks.image_environment(PEOPLE))(model, port)
    own = {"SCORING_SECRETS": str(none), "OMP_NUM_THREADS": "1", "DETECTION_FLOOR": str(_floor(model.artifact))}
    return replace(launch, variables={**launch.variables, **own})


def _floor(artifact: Path) -> float:
    looks = detector(str(artifact / "model.onnx")).look
    frames = [Image.fromarray(frame[..., ::-1]) for frame in list(pattern())[:: STEPS // 4]]
    return max(float(np.sort(looks(frame)[1].ravel())[-FOUND]) for frame in frames)


def _served() -> Model:
    artifact = networks.artifact(PEOPLE)
    return Model(name=PEOPLE, data=artifact, artifact=artifact, anchor=artifact)


def _first() -> Workload:
    request = Request(pictures.photograph(pictures.CAMERA, "JPEG"), unittest.mock.ANY)
    return Workload(name="camera", model=PEOPLE, content_type="application/octet-stream", requests=(request,))


def _clip() -> Path:
    """Of the figure that walks, as MPEG-4: made once."""
    file = LOCAL / "vision" / "walk.mp4"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        made = file.with_suffix(".part.mp4")
        writer = cv2.VideoWriter(str(made), cv2.VideoWriter.fourcc(*"mp4v"), 20.0, (WIDTH, HEIGHT))
        for frame in pattern():
            writer.write(frame)
        writer.release()
        made.replace(file)
    return file


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
