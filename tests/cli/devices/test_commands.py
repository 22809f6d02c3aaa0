"""`edgeway device check` and `rotate` as a user runs them, over a hub, a vault and a machine that a test sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.__main__ import main
from cli.commands.device import check as device_check
from cli.commands.device import rotate as device_rotate
from cli.devices import machine as device_machine
from cli.stack.outputs import Outputs
from cloud.errors import ServiceError
from cloud.iot_hub import DeviceKeys, fingerprint, fresh_key
from cloud.machines.key_vault import Secret
from tests.cli.conftest import VALUES

VM = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-edge-01"
MACHINE = {"id": VM, "vault": "kv-1", "secret": "device-edge-01"}
NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)
UNITS = dict.fromkeys(("docker", "aziot-identityd", "aziot-edged", "edgeway-provision.timer"), "active")


@dataclass
class Device:
    """Of one device what its hub, its vault and its machine say."""

    keys: DeviceKeys
    kept: str
    used: str
    since: datetime | None = NOW
    power: str = "running"
    silence: ServiceError | None = None
    vault_error: ServiceError | None = None
    report: dict[str, Any] = field(default_factory=dict)
    printed: str | None = None
    told: str | None = None
    """When the agent last told the hub something."""
    host: str = "iot-1.azure-devices.net"

    # -- the hub

    def agent_answers(self, device: str) -> bool:
        return self.silence is None

    def ping_agent(self, device: str) -> None:
        if self.silence is not None:
            raise self.silence

    def agent_connected_since(self, device: str) -> datetime | None:
        return self.since

    def module_twin(self, device: str, module: str) -> dict[str, Any]:
        desired = {"$version": 3, "systemModules": {}, "modules": {}}
        reported: dict[str, Any] = {"lastDesiredVersion": 3, "lastDesiredStatus": {"code": 200}}
        if self.told is not None:
            reported["$metadata"] = {"$lastUpdated": self.told}
        configurations = {"base": {"status": "Applied"}}
        return {"configurations": configurations, "properties": {"desired": desired, "reported": reported}}

    # -- the vault

    def secret(self, name: str) -> Secret:
        assert name == "device-edge-01"
        if self.vault_error is not None:
            raise self.vault_error
        return Secret(value=self.kept, version="1", tags={"device": "edge-01"}, written=NOW)

    def set_secret(self, name: str, value: str, tags: Mapping[str, str]) -> None:
        assert tags == {"device": "edge-01"}
        self.kept = value

    # -- the machine

    def run(self, script: str) -> str:
        if "systemctl start edgeway-provision" in script:
            self.used = self.kept
            return self.printed if self.printed is not None else f"edgeway: ok, key {fingerprint(self.used)}"
        return self.printed if self.printed is not None else json.dumps({**self.report, "key": fingerprint(self.used)})


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    monkeypatch.setenv("COLUMNS", "120")  # lines are told as they are asserted, whatever the width of who runs this
    keys = DeviceKeys(device_id="edge-01", primary=fresh_key(), secondary=fresh_key(), identity=1)
    found = Device(keys=keys, kept=keys.primary, used=keys.primary)
    found.report = {
        "units": dict(UNITS),
        "said": f"edgeway: ok, key {fingerprint(keys.primary)}",
        "cloudInit": "done",
        "disks": {"/": 40},
        "modules": {"edgeAgent": "running", "edgeHub": "running"},
        "check": {"well": 21, "wrong": [["container-engine-logrotate", "warning", "no limits"]]},
    }
    outputs = Outputs("dev", {**VALUES, "environment": "dev", "devices": {"edge-01": {"machine": MACHINE}, "own": {}}})
    for command in (device_check, device_rotate):
        monkeypatch.setattr(command, "outputs", lambda name: outputs)
        monkeypatch.setattr(command, "enter", lambda name: None)
    monkeypatch.setattr("cli.azure.iot_hub", lambda *_: found)
    monkeypatch.setattr("cli.devices.key_places.iot_hub", lambda *_: found)
    for module in ("cli.devices.key_places", "cloud.machines.key_vault"):
        monkeypatch.setattr(f"{module}.KeyVault", lambda *_: found)
    for module in ("cli.devices.key_places", "cloud.iot_hub"):
        monkeypatch.setattr(f"{module}.device_keys", lambda *_: found.keys)
    monkeypatch.setattr("cli.devices.key_places.change_device_keys", lambda *given, **new: change(found, *given, **new))
    monkeypatch.setattr(device_machine, "power_state", lambda *_: found.power)
    monkeypatch.setattr(device_machine, "run_command", lambda arm, operation, id, script: found.run(script))
    return found


def change(device: Device, hub: object, before: DeviceKeys, *, primary: str, secondary: str) -> None:
    assert before == device.keys
    device.keys = DeviceKeys(device_id="edge-01", primary=primary, secondary=secondary, identity=1)


def test_a_device_that_is_well(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", "check", "edge-01", "--stack", "dev"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "edge-01: well",
        "  ok  agent      answers, connected since 2026-11-29 15:00:00 UTC",
        "  ok  deployment version 3 of 3, code 200",
        "  ok  units      4 as they should be",
        f"  ok  provision  ok, key {fingerprint(device.used)}",
        "  ok  disk       / 40 % full",
        "  ok  modules    2 running",
        "  ok  check      21 well, 1 warned, 0 failed",
        "  ok  check      container-engine-logrotate: warning: no limits",
        f"  ok  key        {fingerprint(device.used)}, as in the vault",
    ]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"units": {**UNITS, "aziot-edged": "activating"}}, "units", "aziot-edged is activating"),
    ({"units": {**UNITS, "aziot-identityd": "failed"}}, "units", "aziot-identityd is failed"),
    ({"said": "edgeway: waiting, secret: 403"}, "provision", "waiting, secret: 403"),
    ({"said": "", "cloudInit": "running"}, "provision", "it has said nothing yet (cloud-init: running)"),
    ({"disks": {"/": 97, "/var/lib/docker": 12}}, "disk", "/ 97 % full, /var/lib/docker 12 % full"),
    ({"modules": {"edgeAgent": "running", "scorer": "failed"}}, "modules", "scorer is failed"),
    ({"modules": {}}, "modules", "iotedge lists none"),
    ({"check": {"well": 3, "wrong": [["connectivity", "error", "refused"]]}}, "check", "3 well, 0 warned, 1 failed"),
]


@pytest.mark.parametrize(("more", "about", "told"), WRONG, ids=[told for _, _, told in WRONG])
def test_what_is_wrong_on_the_machine_is_named(
    device: Device, more: dict[str, Any], about: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    device.report |= more
    assert main(["device", "check", "edge-01", "--stack", "dev", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    wrong = [one for one in answer["findings"] if one["ok"] is False]
    assert wrong[0] == {"about": about, "ok": False, "told": told}
    assert answer["ok"] is False


def test_a_key_that_the_hub_refuses_and_one_not_fetched_yet_are_told_apart(
    device: Device, capsys: pytest.CaptureFixture[str]
) -> None:
    device.kept = device.keys.secondary
    assert main(["device", "check", "edge-01", "--stack", "dev"]) == 1
    works, has = fingerprint(device.used), fingerprint(device.kept)
    assert f"NOT key        the machine works with {works}, the vault has {has}" in capsys.readouterr().out
    device.kept = fresh_key()
    assert main(["device", "check", "edge-01", "--stack", "dev"]) == 1
    assert "NOT key        the vault has no key of the device" in capsys.readouterr().out


def test_an_agent_that_does_not_answer_is_a_finding_and_the_machine_is_asked_all_the_same(
    device: Device, capsys: pytest.CaptureFixture[str]
) -> None:
    device.silence, device.since = ServiceError("ping", 404, "404103", "not online"), None
    assert main(["device", "check", "edge-01", "--stack", "dev"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("edge-01: not well: agent\n")
    assert "NOT agent      the agent of device 'edge-01' is not connected to iot-1.azure-devices.net" in told
    assert "ok  units" in told


def test_a_machine_that_is_off_cannot_be_asked(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    device.power = "deallocated"
    assert main(["device", "check", "edge-01", "--stack", "dev"]) == 3
    told = capsys.readouterr().out
    assert "the virtual machine vm-edge-01 is deallocated: `az vm start --ids" in " ".join(told.split())
    assert "ok  key" in told


def test_who_may_not_read_the_vault_sees_the_rest(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    device.vault_error = ServiceError("secret 'device-edge-01' of kv-1", 403, "Forbidden", "no right")
    assert main(["device", "check", "edge-01", "--stack", "dev"]) == 0
    assert " ?  key        not compared with the vault's: 403 Forbidden" in capsys.readouterr().out


def test_a_vault_that_has_lost_the_key_is_not_well(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing else would say so before the machine starts anew."""
    device.vault_error = ServiceError("secret 'device-edge-01' of kv-1", 404, "SecretNotFound", "none")
    assert main(["device", "check", "edge-01", "--stack", "dev"]) == 1
    assert "NOT key        the vault has none" in capsys.readouterr().out
    assert main(["device", "rotate", "edge-01", "--stack", "dev"]) == 1
    told = capsys.readouterr().err
    assert "there is no secret 'device-edge-01' of kv-1: `up` puts it there again" in told


def test_of_a_machine_of_ones_own_the_hub_alone_is_asked(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", "check", "own", "--stack", "dev"]) == 0
    told = capsys.readouterr().out
    assert "ok  agent      answers" in told
    assert " ?  machine    it is its owner's: `sudo iotedge check`" in told
    assert "units" not in told


def test_what_a_machine_prints_moves_no_cursor(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    device.report["said"] = "edgeway: failed, \x1b[2J"
    main(["device", "check", "edge-01", "--stack", "dev"])
    assert "\x1b" not in capsys.readouterr().out


def test_a_key_is_changed_and_nobody_sees_one(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    old = device.keys
    assert main(["device", "rotate", "edge-01", "--stack", "dev"]) == 0
    shown = capsys.readouterr()
    new = device.keys
    assert device.used == device.kept == new.primary not in (old.primary, old.secondary)
    assert new.secondary not in (old.primary, old.secondary)
    assert shown.out == (
        f"edge-01: works with key {fingerprint(new.primary)}; the one before it is no key of the device any more\n"
    )
    for key in (old.primary, old.secondary, new.primary, new.secondary):
        assert key not in shown.out + shown.err


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.devices.key_places.KeyPlaces.__init__.__defaults__", (0.0,))
    monkeypatch.setattr("cli.devices.key_places.time.sleep", lambda _: None)


LONG_AGO = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SILENT = ServiceError("ping", 504, "", "")


@pytest.mark.parametrize(
    ("silence", "since", "told"),
    [
        (None, LONG_AGO, "was heard of at 12:00:00 last, before that"),
        (SILENT, NOW, "is not connected"),
        (None, None, "is not connected"),
    ],
)
def test_a_device_that_does_not_connect_keeps_both_keys(
    device: Device,
    impatient: None,
    silence: ServiceError | None,
    since: datetime | None,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    device.silence, device.since = silence, since
    old = device.keys.primary
    assert main(["device", "rotate", "edge-01", "--stack", "dev"]) == 3
    assert told in capsys.readouterr().err
    assert old == device.keys.primary
    assert device.kept == device.keys.secondary


def test_an_agent_of_whose_connection_the_hub_knows_nothing_is_believed_what_it_tells(
    device: Device, impatient: None
) -> None:
    device.since, device.told = LONG_AGO, "2026-11-29T15:00:01.25Z"
    assert main(["device", "rotate", "edge-01", "--stack", "dev"]) == 0


def test_a_machine_that_takes_no_key_fails_it(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    before = device.keys
    device.printed = "edgeway: failed, packages: no space left on device"
    assert main(["device", "rotate", "edge-01", "--stack", "dev"]) == 1
    assert "it said: edgeway: failed, packages: no space left on device" in capsys.readouterr().err
    assert device.keys == before


def test_a_machine_of_ones_own_and_production_are_refused(
    device: Device, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["device", "rotate", "own", "--stack", "dev"]) == 2
    told = capsys.readouterr().err
    assert "device 'own' is no virtual machine of the stack" in told
    assert "`edgeway device config own --out DIR --new-key` ends it and writes another one" in told
    production = Outputs("prod", {**VALUES, "environment": "prod", "devices": {"edge-01": {"machine": MACHINE}}})
    monkeypatch.setattr(device_rotate, "outputs", lambda name: production)
    assert main(["device", "rotate", "edge-01", "--stack", "prod"]) == 2
    assert "is production" in capsys.readouterr().err
    assert main(["device", "rotate", "edge-01", "--stack", "prod", "--yes"]) == 0
