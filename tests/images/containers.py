"""What the tests of the images ask a container, and volumes as a container group has them."""

from __future__ import annotations

import io
import json
import ssl
import tarfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container
from docker.models.images import Image

from clone.build_context import build_context
from infra.provider.services.docker_engine import packed
from tests.waiting import DEADLINE_S

ROOT = Path(__file__).resolve().parents[2]
LABEL = "edgeway.test"


def built(engine: docker.DockerClient, name: str, artifact_folder: Path | None) -> Iterator[Image]:
    tag = f"edgeway-test-{name}:{uuid.uuid4().hex[:12]}"
    with packed(build_context(ROOT, name, artifact_folder)) as context:
        image, _ = engine.images.build(fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True)
    yield image
    engine.images.remove(tag, force=True)


def address(container: Container, port: int) -> str:
    container.reload()
    return str(container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]) + f":{port}"


def published(container: Container, port: str) -> int:
    container.reload()
    return int(container.attrs["NetworkSettings"]["Ports"][port][0]["HostPort"])


def until_ready(url: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    pause = threading.Event()
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE_S):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pause.wait(0.05)
    raise AssertionError(f"{url} was not ready within {DEADLINE_S} s")


def post(url: str, value: Any, headers: Mapping[str, str], trust: ssl.SSLContext | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, json.dumps(value).encode(), dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S, context=trust) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


@contextmanager
def volume(engine: docker.DockerClient, image: Image, files: Mapping[str, bytes], *, mode: int) -> Iterator[str]:
    """The name of a volume with these files, which are root's. Any image: its container never runs."""
    name = f"edgeway-test-{uuid.uuid4().hex[:12]}"
    engine.volumes.create(name, labels={LABEL: "images"})
    try:
        holder = engine.containers.create(str(image.id), volumes={name: {"bind": "/volume"}}, labels={LABEL: "images"})
        holder.put_archive("/volume", _tar(files, mode))
        holder.remove(force=True)
        yield name
    finally:
        engine.volumes.get(name).remove(force=True)


def _tar(files: Mapping[str, bytes], mode: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
