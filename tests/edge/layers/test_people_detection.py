"""The layer `people_detection`: its modules and routes, byte for byte as the hub gets them, and its settings."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest

from edge.layers.people_detection import Settings, content, needs
from edge.manifest import layer_content, validate
from infra.settings.wording import misfits

IMAGES = {name: f"cr.example/edgeway/{name}@sha256:{'0' * 64}" for name in ("people_detection", "image_capture")}
# Another digest is another deployment: every device would change over.
DIGEST = "42ef934b469005bb41aa2f14e97daeebc51183eef672e0e5b2f6e14784a0333b"


def made(**settings: Any) -> Any:
    return content(IMAGES, msgspec.convert(settings, Settings))


def test_the_content_is_the_one_that_devices_run() -> None:
    of = made()
    document = layer_content(modules=of.modules, routes=of.routes)

    assert validate(document, "layer") == []
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_the_detector_listens_at_the_port_at_which_the_camera_asks_it() -> None:
    of = made(port=8080).modules
    detector, capture = of["people-detection-service"], of["image-capture"]
    assert detector.env["SCORING_PORT"] == "80"
    assert capture.env["IMAGE_PROCESSING_ENDPOINT"] == "http://people-detection-service:80/image"
    assert detector.docker()["HostConfig"]["Sysctls"] == {"net.ipv4.ip_unprivileged_port_start": "0"}
    assert detector.docker()["HostConfig"]["PortBindings"] == {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}
    assert detector.env["SCORING_MAX_BODY_BYTES"] == str(4 * 1024 * 1024)
    assert (detector.env["DETECTION_FLOOR"], "DETECTION_URL_HOSTS" in detector.env) == ("0.1", False)


def test_the_viewer_is_the_devices_alone_or_there_is_none() -> None:
    capture = made().modules["image-capture"]
    assert capture.docker()["HostConfig"]["PortBindings"] == {"5012/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5012"}]}
    none = made(viewerPort=None).modules["image-capture"]
    assert "PortBindings" not in none.docker()["HostConfig"]
    assert none.env["SHOW_VIDEO"] == "False"


def test_nothing_of_the_host_is_asked_for_but_what_a_setting_names() -> None:
    for module in made().modules.values():
        assert not {"Binds", "Mounts", "Devices", "NetworkMode"} & module.docker()["HostConfig"].keys()
    camera = made(video="/dev/video1").modules["image-capture"].docker()["HostConfig"]
    assert camera["Devices"] == [
        {"PathOnHost": "/dev/video1", "PathInContainer": "/dev/video1", "CgroupPermissions": "rw"}
    ]
    clip = made(video="/srv/clips/a.mp4").modules["image-capture"].docker()["HostConfig"]["Mounts"]
    assert [(mount["Source"], mount["ReadOnly"]) for mount in clip] == [("/srv/clips/a.mp4", True)]


def test_neither_module_can_write_so_that_a_full_disk_is_nothing_to_them() -> None:
    for module in made(video="/srv/clips/a.mp4").modules.values():
        host = module.docker()["HostConfig"]
        assert host["ReadonlyRootfs"] and all(mount["ReadOnly"] for mount in host.get("Mounts", []))
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}


def test_who_may_look_through_a_camera_stands_in_a_file_of_the_device() -> None:
    capture = made(video="rtsp://camera.local/live", credentialsFile="/etc/edgeway/camera").modules["image-capture"]
    (mount,) = capture.docker()["HostConfig"]["Mounts"]
    assert mount["Source"] == "/etc/edgeway/camera"
    assert capture.env["CAMERA_CREDENTIALS"] == mount["Target"] == "/var/run/edgeway/secrets/camera"


def test_whose_certificate_a_camera_shows_stands_in_a_file_of_the_device() -> None:
    capture = made(video="rtsps://10.0.0.7/live", caFile="/etc/edgeway/camera.pem").modules["image-capture"]
    (mount,) = capture.docker()["HostConfig"]["Mounts"]
    assert (mount["Source"], mount["ReadOnly"]) == ("/etc/edgeway/camera.pem", True)
    assert capture.env["CAMERA_CA"] == mount["Target"] == "/var/run/edgeway/secrets/camera-ca.pem"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"video": "rtsp://admin:hunter2@camera/live"},
            "video is refused; allowed: a URL that names no user; put user:password",
        ),
        ({"video": "rtsp://admin:hunter2/x@camera/live"}, "a URL that names no user"),
        ({"video": "http://camera/live"}, "$.video"),
        ({"video": "/srv/../etc/passwd"}, "$.video"),
        ({"video": "clips/a.mp4"}, "$.video"),
        ({"credentialsFile": "/etc/edgeway/camera"}, "credentialsFile is refused; allowed: none, or with a stream"),
        ({"video": "rtsp://camera/live", "credentialsFile": "/a/../b"}, "$.credentialsFile"),
        (
            {"video": "rtsp://camera;admin:hunter2/live"},
            "video is refused; allowed: rtsp://host:port/path with a host that can be read",
        ),
        (
            {"video": "rtsp://camera/live", "caFile": "/a"},
            "caFile is refused; allowed: none, or with a stream over TLS (rtsps://)",
        ),
        ({"video": "rtsps://10.0.0.7/live"}, "video is refused; allowed: rtsps:// with a name"),
        ({"video": "rtsps://[::1]:8554/live"}, "an address with caFile"),
        ({"video": "rtsps://camera/live", "caFile": "/a/../b"}, "$.caFile"),
        ({"video": "/dev"}, "$.video"),
        ({"video": "/dev/sda"}, "$.video"),
        ({"urlHosts": ["10.0.0.1/"]}, "$.urlHosts"),
        ({"urlHosts": ["10.0.0.7"]}, "$.urlHosts"),
        ({"urlHosts": ["https://pictures.example.com/"]}, "$.urlHosts"),
        ({"floor": 1.1}, "$.floor"),
        ({"port": 5012}, "port is refused; allowed: another than viewerPort, which is 5012"),
        (
            {"viewerPort": 8883},
            "viewerPort is refused; allowed: another than edgeHub's on every device: 443, 5671, 8883",
        ),
        ({"port": 8080, "expose": "lan", "secretsFolder": "/etc/edgeway/people"}, "expose is refused; allowed: device"),
        ({"expose": "lan"}, "expose is refused; allowed: device"),
    ],
)
def test_what_does_not_go_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(settings, Settings)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_it_needs_its_model_and_the_image_that_looks() -> None:
    assert (needs(Settings()).models, needs(Settings()).images) == (("people_detection",), ("image_capture",))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"video": "rtsp://admin:hunter2@camera/live"}, 's.video: "rtsp://***@camera/live" is refused; allowed: a URL'),
        ({"video": "rtsp://camera;admin:hunter2/live"}, "s.video: [secret] is refused; allowed: rtsp://host:port/path"),
        ({"viewerPort": 443, "gray": True}, "s.viewerPort: 443 is refused; allowed: another than edgeHub's"),
        ({"video": "walk.mp4"}, 's.video: "walk.mp4" is refused; allowed: pattern (a drawn figure), /dev/video0'),
        ({"urlHosts": ["a.example.com", "10.0.0.7"]}, 's.urlHosts[1]: "10.0.0.7" is refused; allowed: a host\'s name'),
        ({"expose": "lan"}, 's.expose: "lan" is refused; allowed: device: image-capture asks'),
    ],
)
def test_a_refusal_names_the_setting_its_value_and_what_is_allowed(settings: dict[str, Any], told: str) -> None:
    (problem,) = misfits("s", settings, Settings)
    assert str(problem).startswith(told)


def test_hosts_and_streams_that_there_are_are_taken() -> None:
    made(urlHosts=["pictures.example.com", "3.example.com"], video="/devices/clips")
    made(video="/srv/clips/walk.mp4")
    made(video="rtsps://camera.example.com/live")
