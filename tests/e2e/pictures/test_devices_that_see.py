"""The layers `people_detection` and `maskrcnn` on devices: a stream that asks for a user, an appliance by its tag.

The detector is an export as Custom Vision makes them, which finds the same two things in every picture, so that what
is seen, sent and drawn is known; Mask R-CNN is the small one of its README. (`make test-pictures ARGS="-k that_see"`)
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.e2e.figures import TABLE
from tests.e2e.pictures.camera.browser import browser
from tests.e2e.pictures.camera.stream import PASSWORD, USER, Stream
from tests.e2e.pictures.test_camera import RATE, SHOWN, STATE
from tests.e2e.pictures.test_whole import AFTER_THE_LAYERS, AFTER_THE_MODELS, MASKRCNN, entries
from tests.e2e.stack.local_stack import DEVICE, LocalStack, eventually
from tests.models.people_detection.exports import ready, zipped
from tests.standin.bridge import bridge_of

pytestmark = pytest.mark.pictures

APPLIANCE, CAMERA, DETECTOR = "appliance-01", "image-capture", "people-detection-service"
LAST_OF_THE_DEVICES = "  edgeway:iotHub:"
MODEL = """
    - name: people_detection
      train: {{data: {{source: csv, path: {export}}}}}
"""
LAYERS = """
    - name: people_detection
      priority: 60
      targetCondition: "tags.site = 'lab'"
      settings: {{video: "{url}", credentialsFile: {credentials}, framesPerSecond: 20, send: interval, port: 8082}}
    - name: people_appliance
      layer: people_detection
      priority: 70
      targetCondition: "tags.class = 'appliance'"
      settings: {{send: interval, viewerPort: null}}
"""
FOUND = {"person": 0.8, "chair": 0.4}


@pytest.fixture(scope="module")
def stream(programs: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Where containers reach it."""
    with closing(docker.from_env()) as engine:
        made = Stream(programs[1], tmp_path_factory.mktemp("stream"), bridge_of(engine))
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def watching(
    request: pytest.FixtureRequest, stack_files: object, stream: Stream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    """Its first `up` has all of it, where no test before this one brought the stack up."""
    folder = tmp_path_factory.mktemp("camera")
    export, credentials = folder / "export.zip", folder / "credentials"
    export.write_bytes(zipped(ready()))
    credentials.write_text(f"{USER}:{PASSWORD}\n")
    of_model, of_layer = entries(MASKRCNN, small=True)
    layers = LAYERS.format(url=stream.url, credentials=credentials)
    with LocalStack().stack_file() as file:
        text = file.read_text()
        for after, added in (
            (AFTER_THE_MODELS, of_model + MODEL.format(export=export).lstrip("\n")),
            (AFTER_THE_LAYERS, of_layer + layers.lstrip("\n")),
            (LAST_OF_THE_DEVICES, f"    - {{id: {APPLIANCE}, tags: {{class: appliance}}}}\n"),
        ):
            assert text.count(after) == 1
            text = text.replace(after, added + after)
        file.write_text(text)
        stack: LocalStack = request.getfixturevalue("stack")
        stack.command("tools/up.sh", "local", limit_s=500)
        yield stack


def messages(stack: LocalStack, device: str, module: str, count: int = 2) -> list[dict[str, Any]]:
    """What comes from now on."""
    since = datetime.now(UTC).isoformat(timespec="seconds")

    def come() -> list[dict[str, Any]] | None:
        options = ("--json", "--device", device, "--from", since, "--until-end")
        lines = stack.run("edgeway", "monitor", "--stack", "local", *options).stdout.splitlines()
        found = [one for line in lines if line.startswith("{") and (one := json.loads(line))["module"] == module]
        return found if len(found) >= count else None

    return eventually(f"{count} messages of {device}/{module}", come, limit_s=90)


def container(stack: LocalStack, device: str, module: str) -> dict[str, Any]:
    labels = {"standin": stack.instance, "device": device, "module": module}
    filters = [f"--filter=label=edgeway.{name}={value}" for name, value in labels.items()]
    found = subprocess.run(["docker", "ps", "-q", *filters], capture_output=True, text=True, check=True).stdout.split()
    assert len(found) == 1
    shown = subprocess.run(["docker", "inspect", found[0]], capture_output=True, text=True, check=True).stdout
    return dict(json.loads(shown)[0])


def log(stack: LocalStack, device: str, module: str) -> str:
    return stack.run("edgeway", "device", "logs", device, module).stdout


@pytest.mark.parametrize("device", [DEVICE, APPLIANCE])
def test_both_classes_of_device_send_what_is_seen(watching: LocalStack, device: str) -> None:
    version = watching.outputs()["models"]["people_detection"]["version"]
    for message in messages(watching, device, CAMERA):
        assert message["properties"].items() >= {"AzureMLResponse": "OK", "model": version}.items()
        seen = {one["tagName"]: round(one["probability"], 3) for one in message["body"]["predictions"]}
        assert (seen, message["contentType"]) == (FOUND, "application/json")


def test_maskrcnn_looks_at_pictures_beside_it(watching: LocalStack) -> None:
    come = [message["body"] for message in messages(watching, DEVICE, f"{MASKRCNN}-scorer")]
    assert all(took.startswith("Computed in ") for _, took in come)
    # the golden examples in turn: one asks for masks
    always = {"boxes", "labels", "scores", "names"}
    assert {frozenset(found) for ((found,), _) in come} == {frozenset(always), frozenset({*always, "masks"})}


def test_who_may_look_at_the_stream_is_in_no_log_and_in_no_setting(watching: LocalStack, stream: Stream) -> None:
    assert f"looking at rtsp://***@{stream.address}:{stream.port}" in log(watching, DEVICE, CAMERA)
    inspected = json.dumps(container(watching, DEVICE, CAMERA))
    assert PASSWORD not in log(watching, DEVICE, CAMERA) and PASSWORD not in inspected


def test_the_page_of_the_device_shows_it_and_tells_when_the_camera_goes(
    watching: LocalStack, stream: Stream, programs: tuple[str, str], tmp_path: Path
) -> None:
    (port,) = container(watching, DEVICE, CAMERA)["NetworkSettings"]["Ports"]["5012/tcp"]
    assert port["HostIp"].startswith("127.")
    with browser(programs[0], tmp_path) as page:
        page.open(f"http://{port['HostIp']}:{port['HostPort']}/")
        page.until("a picture", "document.getElementById('picture').naturalWidth")
        page.until("pictures come", RATE)
        SHOWN.mkdir(parents=True, exist_ok=True)
        (SHOWN / "device.png").write_bytes(page.picture())
        stream.kill()
        page.until("nothing comes", f"/^No new picture for [3-9] s$/.test({STATE})")
        stream.start()
        page.until("pictures come again", RATE)
        assert page.complaints == []
    assert "sends nothing more; trying again" in log(watching, DEVICE, CAMERA)


def test_a_detector_that_is_killed_is_asked_again_once_it_is_back(watching: LocalStack) -> None:
    subprocess.run(["docker", "kill", container(watching, DEVICE, DETECTOR)["Id"]], capture_output=True, check=True)
    told = f"the detector at {DETECTOR}:80: "
    eventually("it is told", lambda: told in log(watching, DEVICE, CAMERA), limit_s=60)
    eventually("it answers", lambda: "answers again" in log(watching, DEVICE, CAMERA), limit_s=120)
    assert len(messages(watching, DEVICE, CAMERA)) >= 2
    watching.settled()


def test_the_appliance_is_looked_after_from_afar_and_takes_nothing_of_its_host(watching: LocalStack) -> None:
    (status,) = json.loads(watching.run("edgeway", "device", "status", "--json", APPLIANCE).stdout)
    assert status["ok"] and {CAMERA, DETECTOR} <= {module["module"] for module in status["modules"]}
    assert json.loads(watching.run("edgeway", "device", "ping", "--json", APPLIANCE).stdout)["device"] == APPLIANCE
    assert "looking at pattern" in log(watching, APPLIANCE, CAMERA)
    watching.run("edgeway", "device", "restart", APPLIANCE, CAMERA)
    assert len(messages(watching, APPLIANCE, CAMERA)) >= 2
    of_every_module = {mount["Destination"] for mount in container(watching, DEVICE, "sensor")["Mounts"]}
    for module in (CAMERA, DETECTOR):
        made = container(watching, APPLIANCE, module)
        assert {mount["Destination"] for mount in made["Mounts"]} <= of_every_module
        assert not any(made["NetworkSettings"]["Ports"].values()) and made["HostConfig"]["ReadonlyRootfs"]
        assert not made["HostConfig"]["Devices"] and made["HostConfig"]["NetworkMode"] != "host"


def test_nothing_is_left_to_change(watching: LocalStack) -> None:
    assert watching.changes() == {}
    TABLE.add("people_detection on two classes of device", "seen, shown and sent", "")
