"""`edgeway device` against a hub of the stand-in, through the client that the provider uses too."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.commands.device import config as device_config
from cli.commands.device import status as device_status
from cli.stack.outputs import Outputs
from standin.iothub.registry.requests import IdentityRequest
from tests.cli.conftest import VALUES, allow_deployer
from tests.standin.iothub.conftest import hubs_of, make_hub
from tests.standin.running import RunningStandin

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]


@pytest.fixture
def key(standin: RunningStandin, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The key of the device edge-01, in a hub that the deployer may use."""
    made = make_hub("hub-device")
    allow_deployer(standin, made.name)

    def add_device(_: object) -> str:
        hub = hubs_of(standin).get(made.host)
        assert hub is not None
        with hub.transaction():
            device = hub.registry.put_device("edge-01", IdentityRequest(edge=True), None)
        return str(device.primary_key)

    hub = {"name": made.name, "host": made.host, "resourceGroup": "rg", "consumerGroup": "monitor"}
    outputs = Outputs("local", {**VALUES, "hub": hub, "devices": {"edge-01": {}, "gone": {}}})
    for command in (device_config, device_status):
        monkeypatch.setattr(command, "outputs", lambda name: outputs)
        monkeypatch.setattr(command, "enter", lambda name: None)
    return base64.b64decode(standin.do(add_device))


def test_a_device_gets_the_key_that_the_hub_has_and_no_deployment_yet(
    key: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["device", "config", "edge-01", "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "device.key").read_bytes() == key
    capsys.readouterr()

    assert main(["device", "status", "edge-01"]) == 1
    assert capsys.readouterr().out.startswith("edge-01: no deployment is applied")


def test_a_device_that_the_hub_has_not_is_refused(key: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", "status", "gone"]) == 2
    assert capsys.readouterr().err == "edgeway: device 'gone' does not exist in hub-device.azure-devices.net\n"
