"""The scoring image, built as the program's Image resource builds it, and containers that go with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import trustme
from docker.models.containers import Container
from docker.models.images import Image

from models.anomaly.data import simulate, to_csv
from models.anomaly.model import Hyperparameters
from models.anomaly.train import build
from models.training import write_artifact
from tests.images.containers import LABEL, built
from tests.images.scoring.conftest import KEY


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact")
    write_artifact(folder, *build(to_csv(simulate()), Hyperparameters()))
    return folder


@pytest.fixture(scope="session")
def scoring(engine: docker.DockerClient, artifact: Path) -> Iterator[Image]:
    yield from built(engine, "scoring", artifact)


@pytest.fixture
def run(engine: docker.DockerClient) -> Iterator[Callable[..., Container]]:
    started: list[Container] = []

    def start(image: Image, **options: Any) -> Container:
        container = engine.containers.run(
            str(image.id), detach=True, read_only=True, labels={LABEL: "images"}, mem_limit="512m", **options
        )
        started.append(container)
        return container

    yield start
    for container in started:
        container.remove(force=True, v=True)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secret_files(authority: trustme.CA) -> dict[str, bytes]:
    """Of a container group's secret volume."""
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    return {
        "tls.crt": b"".join(pem.bytes() for pem in certificate.cert_chain_pems),
        "tls.key": certificate.private_key_pem.bytes(),
        "scoring-key": KEY.encode(),
    }
