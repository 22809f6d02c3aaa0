"""One machine in Docker, by Azure's types alone: made, commanded, read, stopped, started and deleted."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import docker
import pytest
import requests

from tests.standin.compute.machines import NIC, VM, command, machine
from tests.standin.machines.conftest import booting as booting
from tests.standin.machines.world import World
from tests.standin.network.bodies import interface, network, path
from tests.waiting import DEADLINE_S, until

pytestmark = pytest.mark.docker

IMAGE_SECONDS = 300.0
_USER_DATA = "#cloud-config\nruncmd:\n- echo hello from $(hostname) > /dev/console\n- touch /var/booted\n"


@pytest.fixture(scope="module")
def booted(booting: World) -> Iterator[World]:
    where = path("virtualNetworks", "net")
    booting.put(where, network())
    booting.put(NIC, interface())
    booting.put(VM, machine(osProfile={"customData": base64.b64encode(_USER_DATA.encode()).decode()}))
    _settled(booting, VM)
    yield booting


def _settled(world: World, where: str) -> dict[str, Any]:
    def found() -> Any:
        return world.standin.arm("GET", where).json()

    # the first one of a machine makes its image, too
    over = ("Succeeded", "Failed")
    until("it is over", lambda: found()["properties"]["provisioningState"] in over, within_s=IMAGE_SECONDS)
    answer: dict[str, Any] = found()
    assert answer["properties"]["provisioningState"] == "Succeeded", answer
    return answer


def _post(world: World, action: str, body: object = None) -> Any:
    answer = world.standin.arm("POST", f"{VM}/{action}", body)
    if answer.status_code == 202:
        where, _, version = answer.headers["Location"].removeprefix("https://management.azure.com").partition("?")
        answer = world.standin.arm("GET", where, version=version.partition("=")[2])
    assert answer.status_code == 200, answer.text
    return answer.json() if answer.content else None


def test_a_machine_lives_by_azures_types_alone(booted: World) -> None:
    ready = command("cloud-init status --wait; hostname; exit $WANTED", parameters=[{"name": "WANTED", "value": "0"}])
    booted.put(f"{VM}/runCommands/ready", ready)
    _settled(booted, f"{VM}/runCommands/ready")
    view = booted.standin.arm("GET", f"{VM}/runCommands/ready?$expand=instanceView").json()["properties"][
        "instanceView"
    ]
    assert (view["exitCode"], view["output"].splitlines()[-1]) == (0, "edge-01")
    logs = _post(booted, "retrieveBootDiagnosticsData")
    log = requests.get(logs["serialConsoleLogBlobUri"], timeout=DEADLINE_S)
    assert "hello from edge-01" in log.text
    for action in ("restart", "deallocate", "start"):
        _post(booted, action)
    told = _post(booted, "runCommand", {"commandId": "RunShellScript", "script": ["ls /var/booted"]})
    assert "[stdout]\n/var/booted\n" in told["value"][0]["message"]
    assert booted.standin.arm("DELETE", VM).status_code == 202
    until("it is gone", lambda: booted.standin.arm("GET", VM).status_code == 404)
    engine = docker.from_env()
    label = f"edgeway.standin={booted.standin.base.docker.instance}"
    assert engine.containers.list(all=True, filters={"label": label}) == []
    engine.close()
