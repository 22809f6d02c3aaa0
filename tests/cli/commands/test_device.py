from __future__ import annotations

import base64
import json
import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.__main__ import main
from cli.commands.device import config as device_config
from cli.commands.device import status as device_status
from cli.stack.outputs import Outputs
from cloud.errors import ServiceError
from cloud.iot_hub import DeviceKeys
from images.scoring.edge.drops import GOOD_AGAIN, Drops
from tests.edge.machine.iotedge_config import IotedgeConfig

KEY = base64.b64encode(b"0123456789abcdef").decode()


class _Hub:
    """Has every device, with one key, and the $edgeAgent twins that a test gives it; else what `error` says.

    Of the modules' own twins those that a test gives it in `reported`."""

    def __init__(self) -> None:
        self.twins = {"edge-01": _twin()}
        self.reported: dict[str, Any] = {}
        self.error: ServiceError | None = None
        self.host = "iot-1.azure-devices.net"
        self.answering = False
        self.changed: tuple[str, ...] = ()

    def keys(self, device_id: str) -> DeviceKeys:
        if self.error is not None:
            raise self.error
        return DeviceKeys(device_id=device_id, primary=KEY, secondary=KEY, identity=None)

    def agent_answers(self, device_id: str) -> bool:
        return self.answering

    def module_twin(self, device_id: str, module_id: str) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        if module_id != "$edgeAgent":
            if module_id not in self.reported:
                raise ServiceError("x", 404, "ModuleNotFound", module_id)
            return {"properties": {"desired": {}, "reported": self.reported[module_id]}}
        return self.twins[device_id]


def change(hub: _Hub, *, primary: str, secondary: str) -> None:
    hub.changed = (primary, secondary)


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch, outputs: Outputs, clone: Path) -> _Hub:
    hub = _Hub()
    for module in (device_config, device_status):
        monkeypatch.setattr(module, "outputs", lambda name: outputs)
        monkeypatch.setattr(module, "enter", lambda name: None)
    monkeypatch.setattr("cli.azure.iot_hub", lambda host: hub)
    monkeypatch.setattr("cloud.iot_hub.device_keys", lambda hub, device: hub.keys(device))
    monkeypatch.setattr("cloud.iot_hub.change_device_keys", lambda hub, before, **new: change(hub, **new))
    monkeypatch.setattr(device_config, "stack_config", lambda stack: {"edgeRuntime": "1.6.1"})
    return hub


def _twin() -> dict[str, Any]:
    module = {"status": "running", "settings": {"image": "scorer@sha256:1"}}
    return {
        "configurations": {"base": {"status": "Applied"}, "old": {"status": "Targeted"}},
        "properties": {
            "desired": {"$version": 3, "systemModules": {}, "modules": {"scorer": module}},
            "reported": {
                "lastDesiredVersion": 3,
                "lastDesiredStatus": {"code": 200},
                "modules": {"scorer": {"runtimeStatus": "running", "settings": {"image": "scorer@sha256:1"}}},
            },
        },
    }


def test_a_device_gets_its_configuration_and_a_key_file_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["device", "config", "edge-01", "--out", str(out)]) == 0
    assert main(["device", "config", "edge-01", "--out", str(out)]) == 0
    config = tomllib.loads((out / "config.toml").read_text())
    assert config["provisioning"]["iothub_hostname"] == "iot-1.azure-devices.net"
    read = {"uri": "file:///var/secrets/aziot/keyd/device-id"}
    assert config["provisioning"]["authentication"]["device_id_pk"] == read
    assert config["agent"]["config"]["image"] == "mcr.microsoft.com/azureiotedge-agent:1.6.1"
    key = out / "device.key"
    assert key.read_bytes() == b"0123456789abcdef"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert json.loads((out / "machine.json").read_text())["key"] == {"file": "/etc/edgeway/device.key"}
    captured = capsys.readouterr()
    told = captured.out + captured.err
    for text in (told, *(file.read_text() for file in out.iterdir() if file != key)):
        assert KEY not in text and "0123456789abcdef" not in text


def test_a_machine_that_takes_anothers_place_gets_a_key_that_the_other_has_not(
    hub: _Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["device", "config", "edge-01", "--out", str(tmp_path), "--new-key"]) == 0
    given = base64.b64encode((tmp_path / "device.key").read_bytes()).decode()
    primary, secondary = hub.changed
    assert given == primary
    assert KEY not in (primary, secondary)
    hub.answering = True
    hub.changed = ()
    assert main(["device", "config", "edge-01", "--out", str(tmp_path), "--new-key"]) == 2
    assert "answers: --new-key would cut off the machine that it runs on; --yes goes on" in capsys.readouterr().err
    assert hub.changed == ()
    assert main(["device", "config", "edge-01", "--out", str(tmp_path), "--new-key", "--yes"]) == 0
    assert len(hub.changed) == 2


def test_a_virtual_machine_of_the_stack_needs_no_files(
    outputs: Outputs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs.values["devices"] = {"vm-01": {"machine": {"id": "/vm", "vault": "kv", "secret": "device-vm-01"}}}
    assert main(["device", "config", "vm-01", "--out", str(tmp_path / "out")]) == 2
    assert "device 'vm-01' has a virtual machine of the stack, which is set up by itself" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "hostname", "days"),
    [
        ([], None, 365),
        (["--hostname", "line-1.plant.example", "--edge-ca-days", "30"], "line-1.plant.example", 30),
    ],
)
def test_the_configuration_is_what_iotedge_reads_and_names_no_host_unasked(
    tmp_path: Path, more: list[str], hostname: str | None, days: int
) -> None:
    """`iotedge check` fails where the name is not the machine's."""
    assert main(["device", "config", "edge-01", "--out", str(tmp_path), *more]) == 0
    config = msgspec.convert(tomllib.loads((tmp_path / "config.toml").read_text()), IotedgeConfig)
    assert (config.hostname, config.edge_ca.auto_generated_edge_ca_expiry_days) == (hostname, days)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--hostname", "line_1", "'line_1' is refused; at most 64 of a-z"),
        ("--hostname", "1line", "'1line' is refused"),
        ("--hostname", "a" * 65, "is refused; at most 64"),
        ("--edge-ca-days", "0", "'0' is refused; a whole number of days from 1 to 3650 is wanted"),
    ],
)
def test_a_host_name_that_modules_cannot_use_and_a_ca_without_life_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, message: str
) -> None:
    with pytest.raises(SystemExit):
        main(["device", "config", "edge-01", "--out", str(tmp_path), option, value])
    assert message in capsys.readouterr().err


def test_a_rolling_runtime_and_an_unknown_device_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["device", "config", "edge-99", "--out", str(tmp_path)]) == 2
    assert "device 'edge-99' is not in the stack; there are: edge-01" in capsys.readouterr().err
    monkeypatch.setattr(device_config, "stack_config", lambda stack: {"edgeRuntime": "1.6"})
    assert main(["device", "config", "edge-01", "--out", str(tmp_path)]) == 2
    assert "an exact patch such as 1.6.1 is wanted" in capsys.readouterr().err


def test_the_status_of_a_device_that_runs_as_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", "status"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("edge-01: runs what is wanted\n  deployments base; version 3 of 3, code 200\n")
    assert "ok  scorer" in text


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda t: t.pop("configurations"), "no deployment is applied"),
        (lambda t: t["properties"]["reported"].update(lastDesiredVersion=2), "the newest version is not seen yet"),
        (lambda t: t["properties"]["reported"].update(lastDesiredStatus={"code": 500}), "the agent reports 500"),
        (lambda t: t["properties"]["reported"].pop("modules"), "a module does not run as wanted"),
        (
            lambda t: t["properties"]["reported"]["modules"]["scorer"]["settings"].update(image="old"),
            "a module does not run as wanted",
        ),
    ],
)
def test_the_status_names_each_part_that_does_not_hold(
    hub: _Hub, spoil: Any, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(hub.twins["edge-01"])
    assert main(["device", "status", "edge-01", "--json"]) == 1
    (status,) = json.loads(capsys.readouterr().out)
    assert (status["ok"], status["reason"]) == (False, reason)


def dropped(*, scored_since: int = 0) -> dict[str, Any]:
    """What a scorer reports: merged, as the hub merges patches."""
    drops = Drops(now=lambda: datetime(2026, 11, 28, 12, 0, tzinfo=UTC))
    for reason in ("speed is missing", "speed is 'fast', must be a number"):
        drops.dropped("BadRequest", reason)
    for _ in range(scored_since):
        drops.scored()
    return drops.reported()


def test_a_device_whose_scorer_drops_is_not_as_wanted(
    hub: _Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    hub.reported["scorer"] = dropped(scored_since=GOOD_AGAIN - 1)

    assert main(["device", "status"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("edge-01: scorer drops messages\n")
    last = "last at 2026-11-28T12:00:00.000Z: speed is 'fast', must be a number"
    assert f"NOT scorer       running       scorer@sha256:1\n      dropped 2 (2 BadRequest), {last}" in told
    assert main(["device", "status", "--json"]) == 1
    (status,) = json.loads(capsys.readouterr().out)
    (module,) = status["modules"]
    assert (module["dropped"], module["dropped_reasons"], module["dropping"]) == (2, {"BadRequest": 2}, True)


def test_what_a_device_says_moves_no_cursor_and_is_folded(
    hub: _Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = f"\x1b[2J out of {'memory ' * 30}"
    hub.twins["edge-01"]["properties"]["reported"]["modules"]["scorer"].update(
        runtimeStatus="failed", statusDescription=said
    )
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["device", "status"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() and len(line) <= 80 for line in told)
    assert " ".join(" ".join(told).split()).count("memory") == 30


def test_what_was_dropped_before_many_were_scored_is_shown_and_is_as_wanted(
    hub: _Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.reported["scorer"] = dropped(scored_since=GOOD_AGAIN)

    assert main(["device", "status"]) == 0
    assert "dropped 2 (2 BadRequest)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "reported", [{}, {"dropped": 3}, {"dropped": {"count": "3"}}, {"dropped": {"count": 0, "dropping": False}}, None]
)
def test_a_module_that_dropped_nothing_or_does_not_count_is_as_wanted(
    hub: _Hub, reported: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.reported["scorer"] = reported

    assert main(["device", "status"]) == 0
    assert "dropped" not in capsys.readouterr().out


@pytest.mark.parametrize("standing", ["Applied", "applied"])
def test_a_deployment_is_applied_however_the_hub_spells_it(hub: _Hub, standing: str) -> None:
    hub.twins["edge-01"]["configurations"]["base"]["status"] = standing
    assert main(["device", "status"]) == 0


@pytest.mark.parametrize(
    ("status", "code", "exit_code", "told"),
    [
        (404, "DeviceNotFound", 2, "device 'edge-01' does not exist in iot-1.azure-devices.net"),
        (403, "Forbidden", 1, "iot-1.azure-devices.net answered 403 for device 'edge-01': (Forbidden) so it is"),
        (0, "", 1, "iot-1.azure-devices.net: so it is"),
    ],
)
@pytest.mark.parametrize("command", [["status"], ["config", "edge-01", "--out", "/nowhere"]])
def test_what_the_hub_answers_is_told_in_one_line(
    hub: _Hub,
    command: list[str],
    status: int,
    code: str,
    exit_code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hub.error = ServiceError("x", status, code, "so\nit is")
    assert main(["device", *command]) == exit_code
    assert capsys.readouterr().err == f"edgeway: {told}\n"
