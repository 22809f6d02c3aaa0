"""A model's scorer as a module: where it answers, and to whom."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from edge.manifest import joined
from edge.senders import ScorerSettings, scorer_module

LAN = {"port": 5001, "expose": "lan", "secretsFolder": "/etc/edgeway/anomaly"}


def settings_of(**given: Any) -> ScorerSettings:
    return msgspec.convert(given, ScorerSettings)


def options(**given: Any) -> dict[str, Any]:
    return joined(scorer_module("image", settings_of(**given)).content()["settings"])


def test_without_a_port_nothing_is_published() -> None:
    assert not {"PortBindings", "Mounts"} & options()["HostConfig"].keys()


def test_a_port_is_http_on_the_device_itself() -> None:
    assert options(port=8001)["HostConfig"]["PortBindings"] == {
        "5001/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8001"}]
    }


def test_the_lan_gets_https_by_the_devices_own_files_and_never_the_plain_port() -> None:
    made, module = options(**LAN), scorer_module("image", settings_of(**LAN))

    assert made["HostConfig"]["PortBindings"] == {"5443/tcp": [{"HostIp": "0.0.0.0", "HostPort": "5001"}]}
    assert module.env["SCORING_TLS_PORT"] == "5443"
    assert {one["Source"]: one["Target"] for one in made["HostConfig"]["Mounts"]} == {
        f"/etc/edgeway/anomaly/{name}": f"/var/run/edgeway/secrets/{name}"
        for name in ("scoring-key", "tls.crt", "tls.key")
    }
    assert all(one["ReadOnly"] for one in made["HostConfig"]["Mounts"])


def test_a_gpu_is_asked_of_docker_and_nothing_else_will_do() -> None:
    assert options(gpu=True)["HostConfig"]["DeviceRequests"] == [{"Count": -1, "Capabilities": [["gpu"]]}]
    assert scorer_module("image", settings_of(gpu=True)).env["SCORING_DEVICE"] == "cuda"
    assert "DeviceRequests" not in options()["HostConfig"]
    assert "SCORING_DEVICE" not in scorer_module("image", settings_of()).env


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"expose": "lan"},
            "expose is refused; allowed: device, or lan with port, and a folder on the device that has scoring-key",
        ),
        (
            {"expose": "lan", "port": 5001},
            "expose is refused; allowed: device, or lan with secretsFolder, and a folder on the device that has",
        ),
        (
            {"port": 5001, "secretsFolder": "/etc/edgeway"},
            "secretsFolder is refused; allowed: one for expose: lan alone",
        ),
        ({"port": 8883}, "port is refused; allowed: another than edgeHub's on every device"),
        ({**LAN, "secretsFolder": "/etc/../root"}, "secretsFolder"),
        ({**LAN, "secretsFolder": "keys"}, "secretsFolder"),
        ({"port": 0}, "port"),
        ({"port": 5001, "expose": "world"}, "expose"),
    ],
)
def test_what_would_open_a_port_to_whom_it_should_not_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        settings_of(**given)
