"""The images, built as the program's Image resource builds them, and run as ACI and a device run them."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
import pytest
import trustme
from docker.models.containers import Container
from docker.models.images import Image

from clone.build_context import build_context
from contracts.card import artifact_digest
from infra.provider.services.docker_engine import packed
from models.anomaly.data import simulate, to_csv
from models.anomaly.model import Hyperparameters
from models.anomaly.train import build
from models.training import write_artifact
from tests.images.scoring.conftest import KEY, NORMAL
from tests.waiting import DEADLINE_S

pytestmark = [
    pytest.mark.docker,
    # docker-py leaves its pooled sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROOT = Path(__file__).resolve().parents[2]
LABEL = "edgeway.test"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact")
    write_artifact(folder, *build(to_csv(simulate()), Hyperparameters()))
    return folder


def built(engine: docker.DockerClient, name: str, artifact_folder: Path | None) -> Iterator[Image]:
    tag = f"edgeway-test-{name}:{uuid.uuid4().hex[:12]}"
    with packed(build_context(ROOT, name, artifact_folder)) as context:
        image, _ = engine.images.build(fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True)
    yield image
    engine.images.remove(tag, force=True)


@pytest.fixture(scope="module")
def scoring(engine: docker.DockerClient, artifact: Path) -> Iterator[Image]:
    yield from built(engine, "scoring", artifact)


@pytest.fixture(scope="module")
def sensor(engine: docker.DockerClient) -> Iterator[Image]:
    yield from built(engine, "sensor", None)


@pytest.fixture(scope="module")
def replay(engine: docker.DockerClient, artifact: Path) -> Iterator[Image]:
    yield from built(engine, "replay", artifact)


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
def secrets(authority: trustme.CA, tmp_path: Path) -> Path:
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    (tmp_path / "tls.crt").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    (tmp_path / "tls.key").write_bytes(certificate.private_key_pem.bytes())
    (tmp_path / "scoring-key").write_text(KEY)
    # the container's user is not the one who wrote them
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    return tmp_path


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


def test_the_scoring_image_serves_https_read_only_and_ends_in_order(
    scoring: Image, run: Callable[..., Container], secrets: Path, authority: trustme.CA, artifact: Path
) -> None:
    container = run(
        scoring,
        volumes={str(secrets): {"bind": "/var/run/edgeway/secrets", "mode": "ro"}},
        ports={"443/tcp": ("127.0.0.1", None), "5001/tcp": ("127.0.0.1", None)},
    )
    probe = f"http://127.0.0.1:{published(container, '5001/tcp')}"
    url = f"https://localhost:{published(container, '443/tcp')}/score"
    until_ready(f"{probe}/ready")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    assert post(url, NORMAL, {"Authorization": f"Bearer {KEY}"}, trust) == (200, {**NORMAL, "anomaly": False})
    assert post(url, NORMAL, {}, trust)[0] == 401
    assert post(f"{probe}/score", NORMAL, {})[0] == 403
    with urllib.request.urlopen(f"{probe}/ready", timeout=DEADLINE_S) as ready:
        assert json.load(ready)["version"] == artifact_digest(artifact)[:12]
    assert container.exec_run("id -u").output == b"10001\n"
    container.stop(timeout=int(DEADLINE_S))
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0
    log = container.logs().decode()
    assert "golden examples agree" in log
    assert KEY not in log
    assert "telemetry" not in log


def test_on_a_device_the_scoring_image_waits_for_its_hub_and_serves_meanwhile(
    scoring: Image, run: Callable[..., Container]
) -> None:
    container = run(
        scoring,
        environment={
            "IOTEDGE_DEVICEID": "edge-01",
            "EdgeHubConnectionString": "HostName=h.azure-devices.net;GatewayHostName=nowhere.invalid;"
            "DeviceId=edge-01;ModuleId=scorer;SharedAccessKey=a2V5",
            "EdgeModuleCACertificateFile": "/etc/ssl/certs/ca-certificates.crt",
        },
    )
    until_ready(f"http://{address(container, 5001)}/ready")
    assert post(f"http://{address(container, 5001)}/score", NORMAL, {})[1]["anomaly"] is False
    deadline = time.monotonic() + DEADLINE_S
    while b"cannot connect to the edge hub, trying again" not in container.logs():
        assert time.monotonic() < deadline, container.logs()
    container.stop(timeout=int(DEADLINE_S))
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0


def test_the_sensor_image_runs_read_only_and_refuses_a_wrong_setting(
    sensor: Image, run: Callable[..., Container]
) -> None:
    container = run(sensor, environment={"MessageDelay": "often"})
    assert container.wait(timeout=DEADLINE_S)["StatusCode"] == 2
    assert b"error: MessageDelay is 'often', must be a time span" in container.logs()


def test_the_replay_image_carries_the_golden_examples_and_refuses_a_wrong_setting(
    replay: Image, run: Callable[..., Container], artifact: Path
) -> None:
    container = run(replay, environment={"Loop": "twice"})
    assert container.wait(timeout=DEADLINE_S)["StatusCode"] == 2
    assert b"error: Loop is 'twice', allowed are true and false" in container.logs()

    shown = run(replay, entrypoint=["cat", "images/replay/rows.jsonl"])
    assert shown.wait(timeout=DEADLINE_S)["StatusCode"] == 0
    rows = [json.loads(line) for line in shown.logs().splitlines()]
    assert rows == [example["input"] for example in json.loads((artifact / "card.json").read_text())["golden"]]


def test_the_images_are_small_labelled_and_run_as_nobody(
    engine: docker.DockerClient, scoring: Image, sensor: Image, replay: Image
) -> None:
    base = engine.images.get("python:3.11-slim-bookworm").attrs["Size"]
    for image, name, limit in ((scoring, "scoring", 165), (sensor, "sensor", 20), (replay, "replay", 20)):
        assert image.labels["edgeway.image"] == name
        assert image.attrs["Config"]["User"] == "10001"
        assert (image.attrs["Size"] - base) / MEBIBYTE < limit, name
