"""The `iotedge` command: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from standin.machines.guest import apply, edged, identityd, iotedge, keyd
from standin.machines.guest.place import Unanswered
from tests.standin.machines.guest.fake_place import FakePlace
from tests.standin.machines.guest.test_apply import CONFIG

DAEMON = {"log-driver": "local", "log-opts": {"max-size": "10m", "max-file": "3"}, "dns": ["168.63.129.16"]}
HUB_CHECK = "host-connect-iothub-https"


@pytest.fixture
def place(tmp_path: Path) -> FakePlace:
    """Everything answers."""
    made = FakePlace(tmp_path)
    made.lay(apply.CONFIG, CONFIG)
    made.lay(apply.INLINE_KEY, b"k" * 32, "aziotks")
    made.lay("/etc/docker/daemon.json", json.dumps(DAEMON))
    apply.apply(made)
    for name in (apply.DOCKER, keyd.SOCKET, identityd.SOCKET):
        made.sockets[name] = lambda method, path, body: {}
    return made


def checks(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = iotedge.run(place, ["check", "-o", "json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["checks"]
    return code, {name: one["result"] for name, one in found.items()}


def test_a_device_that_is_well_has_no_error(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = checks(place, capsys)
    assert code == 0 and {one["result"] for one in found.values()} == {"ok", "warning"}


def test_each_trouble_is_an_error_under_its_own_id(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(method: str, path: str, body: Any) -> Any:
        raise Unanswered("hub answers 401")

    place.sockets[identityd.SOCKET] = refused
    place.states["aziot-edged.service"] = "activating"
    del place.sockets[apply.DOCKER]
    code, found = checks(place, capsys)
    assert code == 1
    assert found[HUB_CHECK] == {"result": "error", "details": ["hub answers 401"]}
    assert found["edged-running"]["details"] == ["aziot-edged.service is activating"]
    assert found["container-engine-uri"]["result"] == "error"
    assert iotedge.run(place, ["check"]) == 1
    assert "× host can connect to IoT Hub and is let in - Error\n    hub answers 401" in capsys.readouterr().out


def test_settings_that_fill_a_disk_are_a_warning(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> None:
    place.lay("/etc/docker/daemon.json", "{}")
    code, found = checks(place, capsys)
    assert code == 0 and found["container-engine-logrotate"]["result"] == "warning"
    assert found["container-engine-dns"]["result"] == "warning"


def test_modules_are_listed_in_columns(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> None:
    module = {"name": "scorer", "status": "running", "description": "Up", "image": "registry/scorer:1"}
    place.sockets[edged.SOCKET] = lambda method, path, body: [module]
    capsys.readouterr()
    assert iotedge.run(place, ["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["NAME", "STATUS", "DESCRIPTION", "Config"],
        ["scorer", "running", "Up", "registry/scorer:1"],
    ]
    del place.sockets[edged.SOCKET]
    assert iotedge.run(place, ["list"]) == 1


def test_status_returns_whatever_it_prints(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> None:
    place.states = {"aziot-edged.service": "active", "aziot-keyd.service": "inactive"}
    assert iotedge.run(place, ["system", "status"]) == 0
    printed = capsys.readouterr().out
    assert "aziot-edged             Running" in printed and "aziot-keyd              Ready" in printed


def test_apply_ends_with_1_and_the_reason(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> None:
    place.lay(apply.CONFIG, CONFIG.replace("[agent]", "[agnt]"))
    assert iotedge.run(place, ["config", "apply"]) == 1
    assert "agnt: unknown key" in capsys.readouterr().err


def test_what_is_not_built_is_refused(place: FakePlace, capsys: pytest.CaptureFixture[str]) -> None:
    assert iotedge.run(place, ["support-bundle"]) == 2
    assert "iotedge support-bundle: not built here" in capsys.readouterr().err
