"""A virtual machine of the stand-in is asked over ARM, by the client that the commands use. It only remembers what it
is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.devices.machine import VirtualMachine
from cli.errors import Failed, Unreached
from cloud.sessions import forget_sessions
from edge.machine import commands
from standin.machines import Ran
from tests.standin.asking import GROUP
from tests.standin.compute.machines import NIC, VM, fake_machines, machine
from tests.standin.machines.fake_machines import FakeMachines
from tests.standin.network.bodies import interface, network, path
from tests.standin.running import RunningStandin, running_standin

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    folder = tmp_path_factory.mktemp("standin")
    with running_standin(folder, services=("compute", "network")) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        forget_sessions()
        yield running
        forget_sessions()


@pytest.fixture(scope="module")
def machines(standin: RunningStandin) -> FakeMachines:
    fakes = fake_machines(standin.parts)
    bodies = {
        GROUP: {"location": "westeurope"},
        path("virtualNetworks", "net"): network(),
        NIC: interface(),
        VM: machine(),
    }
    for id, body in bodies.items():
        assert standin.arm("PUT", id, body).ok, id
    return fakes


@pytest.fixture
def asked(machines: FakeMachines) -> VirtualMachine:
    return VirtualMachine(id=VM, vault="kv-1", secret="device-vm")


def test_a_command_runs_there_and_what_it_printed_comes_back(asked: VirtualMachine, machines: FakeMachines) -> None:
    script = commands.provision()
    machines.answers["\n".join(script.splitlines())] = Ran(0, "edgeway: ok, key 0a1b2c3d\n", "")
    assert asked.run(script).strip() == "edgeway: ok, key 0a1b2c3d"
    _, ran, parameters, _ = machines.ran[-1]
    assert (ran.splitlines(), parameters) == (script.splitlines(), {})
    asked.run(commands.report())
    assert machines.ran[-1][1].splitlines() == commands.report().splitlines()


def test_a_machine_that_is_off_and_one_that_is_gone_are_told_apart(
    asked: VirtualMachine, standin: RunningStandin
) -> None:
    assert standin.arm("POST", f"{VM}/deallocate").ok
    with pytest.raises(Unreached, match=f"vm is deallocated: `az vm start --ids {VM}` starts it"):
        asked.run("true")
    gone = VirtualMachine(id=f"{VM}-gone", vault="kv-1", secret="device-vm")
    with pytest.raises(Failed, match="ResourceNotFound"):
        gone.run("true")
