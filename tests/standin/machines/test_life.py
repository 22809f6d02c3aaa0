"""What happens to a machine in Docker after it has booted: commands that do not end, daemons and machines that do."""

from __future__ import annotations

import docker
import pytest

from standin.machines import NoMachine
from tests.standin.machines.conftest import Booted

pytestmark = pytest.mark.vm


def test_a_command_is_ended_when_its_time_is_over(booted: Booted) -> None:
    run = booted.world.machines.run(booted.spec.vm_id, "sleep 600", {}, 1)
    assert booted.world.standin.wait_for(run).exit_code == 124


def test_a_daemon_that_is_stopped_takes_the_modules_with_it(booted: Booted) -> None:
    booted.sh("systemctl stop aziot-edged")
    assert booted.world.device()["power"] == "off"
    booted.sh("iotedge system restart")
    booted.world.until_on()


def test_a_machine_that_is_killed_takes_its_device_with_it_and_starts_again(booted: Booted) -> None:
    engine = docker.from_env()
    engine.containers.get(booted.world.name(booted.spec)).kill()
    booted.world.until_off()
    assert booted.world.state(booted.spec) == "stopped"
    with pytest.raises(NoMachine, match="does not run"):
        booted.world.run(booted.spec, "true")
    booted.world.standin.wait_for(booted.world.machines.start(booted.spec.vm_id))
    booted.world.until_on()
