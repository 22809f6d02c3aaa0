"""After a rotation, whole or killed half-way, neither an `up` nor a refresh of the real engine changes the key back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.devices.rotation import rotate
from cloud.arm import Arm
from cloud.iot_hub import DeviceKeys, IotHub, change_device_keys, device_keys, fingerprint
from cloud.machines.key_vault import KeyVault
from tests.engine.fleet import Fleets
from tests.infra.provider.conftest import HOST, VAULT, make_vault
from tests.infra.provider.recorder import Recorder
from tests.pluginbase.workspace import Workspace

pytestmark = pytest.mark.engine

DEVICE, SECRET = "rotated", "device-rotated"
PROVIDER = Path(__file__).resolve().parents[2] / "infra" / "provider"
SETTINGS = f"plugins: {{providers: [{{name: mledge, path: {PROVIDER}}}]}}\n"
PROGRAM = f"""
import os
from infra.resources.device_identity import DeviceIdentity, DeviceIdentityArgs, KeySecretArgs

DeviceIdentity(
    "rotated",
    DeviceIdentityArgs(
        hub_host="{HOST}",
        device_id="{DEVICE}",
        tags={{"site": os.environ["FLEET_SITE"]}},
        key_secret=KeySecretArgs(vault="{VAULT}", name="{SECRET}"),
    ),
)
"""


class Killed(BaseException):
    pass


class Places:
    """The hub and the vault of the stand-in, and a machine that takes whatever the vault has."""

    def __init__(self) -> None:
        self.hub, self.vault = IotHub(Recorder(), HOST), KeyVault(Recorder(), VAULT)
        self.killed = False

    def keys(self) -> DeviceKeys:
        return device_keys(self.hub, DEVICE)

    def change_keys(self, before: DeviceKeys, *, primary: str, secondary: str) -> None:
        change_device_keys(self.hub, before, primary=primary, secondary=secondary)

    def kept(self) -> str:
        return self.vault.secret(SECRET).value

    def keep(self, key: str) -> None:
        self.vault.set_secret(SECRET, key, self.vault.secret(SECRET).tags)

    def fetch(self) -> str:
        return f"edgeway: ok, key {fingerprint(self.kept())}"

    def wait_until_connected(self) -> None:
        if self.killed:
            raise Killed


@pytest.fixture
def workspace(fleets: Fleets, tmp_path: Path) -> Iterator[Workspace]:
    make_vault(Arm(Recorder()))
    workspace = Workspace(tmp_path, PROGRAM, settings=SETTINGS)
    workspace.environment.update(fleets.standin.environment, FLEET_SITE="lab")
    workspace.up("--skip-preview")
    yield workspace
    workspace.run("destroy", "--yes", "--skip-preview", "-s", "dev")


def test_neither_an_up_nor_a_refresh_undoes_a_rotation(workspace: Workspace) -> None:
    places = Places()
    used = [places.kept()]
    for site, killed in (("hall", True), ("roof", False)):
        places.killed = killed
        try:
            rotate(places, lambda line: None)
        except Killed:
            assert places.kept() == places.keys().secondary
        used.append(places.kept())
        assert set(workspace.changes("preview")) == {"same"}
        assert set(workspace.changes("refresh", "--preview-only")) == {"same"}
        workspace.up("--refresh", "--skip-preview")
        workspace.environment["FLEET_SITE"] = site
        workspace.up("--skip-preview")
        assert IotHub(Recorder(), HOST).device(DEVICE).tags["site"] == site
        assert places.kept() == used[-1]
    assert used[1] == used[2] == places.keys().primary != used[0], "the killed one was gone on with"
    shown = workspace.run("stack", "export", "--show-secrets", "-s", "dev")
    assert not any(key in shown for key in (*used, places.keys().secondary))
