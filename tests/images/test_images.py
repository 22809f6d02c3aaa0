"""The images, built as the program's Image resource builds them, and run as ACI and a device run them."""

from __future__ import annotations

import json
import shutil
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
import trustme
from docker.models.containers import Container
from docker.models.images import Image

from contracts.card import artifact_digest
from tests.images.containers import address, built, post, published, until_ready
from tests.images.scoring.conftest import KEY, NORMAL
from tests.waiting import DEADLINE_S

pytestmark = [
    pytest.mark.docker,
    # docker-py leaves its pooled sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def sensor(engine: docker.DockerClient) -> Iterator[Image]:
    yield from built(engine, "sensor", None)


@pytest.fixture(scope="module")
def replay(engine: docker.DockerClient, artifact: Path) -> Iterator[Image]:
    yield from built(engine, "replay", artifact)


@pytest.fixture
def secrets(secret_files: dict[str, bytes], tmp_path: Path) -> Path:
    for name, content in secret_files.items():
        (tmp_path / name).write_bytes(content)
    # the container's user is not the one who wrote them
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    return tmp_path


def test_a_retrain_makes_one_layer(engine: docker.DockerClient, scoring: Image, artifact: Path, tmp_path: Path) -> None:
    trained = Path(shutil.copytree(artifact, tmp_path / "artifact"))
    (trained / "model.onnx").write_bytes(b"another")
    for image in built(engine, "scoring", trained):
        first, second = (one.attrs["RootFS"]["Layers"] for one in (scoring, image))
    assert first[:-1] == second[:-1] and first[-1] != second[-1]


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


def test_the_images_are_small_labelled_and_name_their_user(
    engine: docker.DockerClient, scoring: Image, sensor: Image, replay: Image
) -> None:
    base = engine.images.get("python:3.11-slim-bookworm").attrs["Size"]
    for image, name, user, limit in (
        (scoring, "scoring", "root", 165),  # until it has its sockets and secrets: test_privileges.py
        (sensor, "sensor", "10001:10001", 20),
        (replay, "replay", "10001:10001", 20),
    ):
        assert image.labels["edgeway.image"] == name
        assert image.attrs["Config"]["User"] == user
        assert (image.attrs["Size"] - base) / MEBIBYTE < limit, name


LISTS = r"""
import os, stat
unwanted = "pip", "setuptools", "pkg_resources", "wheel", "ensurepip"
packages, programs, special, writable, foreign = [], [], [], [], []
for folder, _, files in os.walk("/"):
    if folder.startswith(("/proc", "/sys", "/dev")):
        continue
    if os.path.basename(folder) in unwanted and "python3" in folder:
        packages.append(folder)
    made = os.lstat(folder)
    if made.st_mode & stat.S_IWOTH or made.st_uid == 10001 or made.st_gid == 10001:
        writable.append(folder)
    for path in (os.path.join(folder, name) for name in files):
        told = os.lstat(path)
        if os.path.basename(path).split("-")[0] in ("apt", "dpkg", "pip", "pip3", "easy_install") and "/bin/" in path:
            programs.append(path)
        if stat.S_ISREG(told.st_mode) and told.st_mode & (stat.S_ISUID | stat.S_ISGID):
            special.append(path)
        writable_by_others = told.st_mode & 0o022 and not stat.S_ISLNK(told.st_mode)
        if path.startswith("/app/") and (told.st_uid or told.st_gid or writable_by_others):
            foreign.append(path)
print("packages", *packages)
print("programs", *programs)
print("set-id", *special)
print("writable", *writable)
print("not root's", *foreign)
print("stripping", *(["is left"] if os.path.exists("/app/images/stripping") else []))
"""


def test_the_images_hold_nothing_that_installs_or_gives_rights_and_one_folder_to_write_in(
    scoring: Image, sensor: Image, replay: Image, run: Callable[..., Container]
) -> None:
    for image in (scoring, sensor, replay):
        container = run(image, entrypoint=["python", "-c", LISTS], user="0:0")
        assert container.wait(timeout=DEADLINE_S)["StatusCode"] == 0, container.logs()
        assert container.logs().decode().splitlines() == [
            "packages",
            "programs",
            "set-id",
            "writable /tmp",
            "not root's",
            "stripping",
        ]
