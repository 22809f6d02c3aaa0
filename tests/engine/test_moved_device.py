"""A device whose logical name changes stays in the hub, with its keys, under the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud.iot_hub import IotHub
from tests.engine.fleet import Fleets
from tests.infra.provider.conftest import HOST
from tests.infra.provider.recorder import Recorder
from tests.pluginbase.workspace import Workspace

pytestmark = pytest.mark.engine

PROVIDER = Path(__file__).resolve().parents[2] / "infra" / "provider"
SETTINGS = f"plugins: {{providers: [{{name: mledge, path: {PROVIDER}}}]}}\n"
PROGRAM = f"""
import os
from infra.resources.device_identity import DeviceIdentity, DeviceIdentityArgs

def later(_):
    raise RuntimeError("something later failed")

arguments = DeviceIdentityArgs(hub_host="{HOST}", device_id="moved", tags={{"site": "lab"}})
device = DeviceIdentity(os.environ["FLEET_LOGICAL_NAME"], arguments)
if os.environ["FLEET_LATER"] == "fails":
    device.id.apply(later)
"""


def test_it_outlives_a_new_logical_name_a_failure_after_it_and_the_way_back(fleets: Fleets, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, PROGRAM, settings=SETTINGS)
    workspace.environment.update(fleets.standin.environment)

    def up(name: str, *, fails: bool) -> None:
        workspace.environment.update(FLEET_LOGICAL_NAME=name, FLEET_LATER="fails" if fails else "")
        workspace.up("--skip-preview", succeeds=not fails)

    up("old", fails=False)
    key = IotHub(Recorder(), HOST).device("moved").primary_key
    for name, fails in (("new", True), ("old", False), ("new", False)):
        up(name, fails=fails)
        assert IotHub(Recorder(), HOST).device("moved").primary_key == key, name
