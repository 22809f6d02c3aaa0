"""What goes wrong around a machine that boots: it heals by itself, or its serial log and `iotedge check` say what."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from standin.machines import MachineSpec
from tests.standin.bridge import bridge_of
from tests.standin.machines.world import VAULT, World, world
from tests.waiting import until

pytestmark = pytest.mark.vm

VAULT_HOST, METADATA, PACKAGES = f"{VAULT}.vault.azure.net", "169.254.169.254", "packages.microsoft.com"
AGAIN = "edgeway: failed, "


@pytest.fixture
def there(tmp_path: Path) -> Iterator[World]:
    if os.environ.get("EDGEWAY_NO_VM") == "1":
        pytest.skip("EDGEWAY_NO_VM=1")
    engine = docker.from_env()
    with world(tmp_path / "standin", bridge_of(engine)) as made:
        yield made
        for container in engine.containers.list(
            all=True, filters={"label": f"edgeway.standin={made.standin.base.docker.instance}"}
        ):
            container.remove(force=True, v=True)
    engine.close()


def hasty(there: World, **changes: Any) -> MachineSpec:
    """The program's own machine, whose unit tries again after five seconds, not after sixty."""
    data = there.user_data()
    assert "RestartSec=60s" in data
    return there.spec(user_data=data.replace("RestartSec=60s", "RestartSec=5s").encode(), **changes)


def until_said(there: World, spec: MachineSpec, words: str) -> None:
    until(f"{words!r} in the serial log", lambda: words in there.serial(spec), within_s=180)


def test_a_metadata_service_that_is_not_there_yet_and_a_role_that_is_a_minute_late_are_waited_out(there: World) -> None:
    for status in (404, 429, 410, 400):
        there.fault(host=METADATA, status=status)
    spec = there.boot(hasty(there))
    for status in (404, 429, 410, 400):
        until_said(there, spec, f"edgeway: waiting, identity: {status}")
    until_said(there, spec, "edgeway: waiting, secret: 403")
    asked = there.asked(VAULT_HOST)
    until("one more refusal", lambda: len(there.asked(VAULT_HOST)) > len(asked))
    there.grant()
    until_said(there, spec, "edgeway: ok, key ")
    assert there.device()["power"] == "on" and AGAIN not in there.serial(spec)


def test_packages_that_cannot_be_had_or_are_not_signed_are_said_and_installed_once_they_can_be(there: World) -> None:
    there.grant()
    there.fault(host=PACKAGES, status=503, count=8)
    there.fault(host=PACKAGES, path="InRelease", status=200, body="not signed", count=4, after=1)
    spec = there.boot(hasty(there))
    until_said(there, spec, AGAIN + "packages: ")
    assert there.run(spec, "dpkg-query -W aziot-edge").exit_code != 0
    there.until_on()
    serial = there.serial(spec)
    assert "503" in serial, serial[-3000:]
    assert there.run(spec, "iotedge list").exit_code == 0


def test_lists_that_are_not_signed_are_never_trusted(there: World) -> None:
    there.grant()
    there.fault(host=PACKAGES, path="InRelease", status=200, body="not signed", count=10**6)
    spec = there.boot(hasty(there))
    until_said(there, spec, AGAIN + "packages: apt-get")
    assert "sign" in there.serial(spec).lower().partition(AGAIN)[2]
    assert there.run(spec, "dpkg-query -W moby-engine").exit_code != 0 and there.device()["power"] == "off"


def test_a_key_that_is_not_the_devices_powers_nothing_and_is_said_and_the_right_one_heals_it(there: World) -> None:
    there.grant()
    there.write_key(b64encode(secrets.token_bytes(32)).decode())
    spec = there.boot(hasty(there))
    until_said(there, spec, AGAIN + "apply: aziot-edged is not active")
    assert there.device()["power"] == "off"
    done = there.run(spec, "iotedge check -o json")
    found = json.loads(done.stdout)["checks"]["host-connect-iothub-https"]["result"]
    assert done.exit_code == 1 and found["result"] == "error" and "answers 401" in found["details"][0]
    assert there.run(spec, "iotedge list").exit_code == 1
    there.write_key(there.key)
    there.until_on()
    assert there.run(spec, "iotedge check").exit_code == 0


def test_a_disk_that_is_full_is_said_and_room_on_it_heals_the_machine(there: World) -> None:
    there.fault(host=METADATA, status=404, count=2)
    there.grant()
    spec = there.boot(hasty(there, disks={"/var/secrets": 64 * 1024}))
    until("it can be filled", lambda: there.run(spec, "yes > /var/secrets/filled; true").exit_code == 0)
    until_said(there, spec, "No space left on device")
    assert there.device()["power"] == "off"
    assert f"{AGAIN}disk: No space left on device" in there.serial(spec)
    there.run(spec, "rm /var/secrets/filled")
    there.until_on()


def test_another_machine_takes_the_place_of_one_that_is_gone_with_the_same_key(there: World) -> None:
    there.grant()
    first = there.boot(hasty(there))
    until_said(there, first, "edgeway: ok, key ")
    mark = marked_key(there, first)
    there.standin.wait_for(there.machines.delete(first.vm_id))
    assert there.device()["power"] == "off"
    second = there.boot(hasty(there))
    until_said(there, second, "edgeway: ok, key ")
    assert marked_key(there, second) == mark and there.device()["power"] == "on"


def marked_key(there: World, spec: MachineSpec) -> str:
    return there.serial(spec).partition("edgeway: ok, key ")[2][:8]


def test_machines_outlive_the_stand_in_and_boot_on_while_it_is_away(tmp_path: Path) -> None:
    """What asked while nobody answered asks again; what was on stays on."""
    if os.environ.get("EDGEWAY_NO_VM") == "1":
        pytest.skip("EDGEWAY_NO_VM=1")
    with closing(docker.from_env()) as engine:
        bridge = bridge_of(engine)
    with world(tmp_path / "standin", bridge) as made:
        made.grant()
        spec = made.boot(hasty(made))
        port = made.standin.base.ports.base
    with world(tmp_path / "standin", bridge, again=True, port_base=port) as made:
        assert made.state(spec) == "running"
        made.until_on()
        assert made.run(spec, "hostname").stdout.strip() == spec.hostname
        made.standin.wait_for(made.machines.delete(spec.vm_id))
