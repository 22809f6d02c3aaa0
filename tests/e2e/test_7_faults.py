"""Parts of the stack are killed, cut and interrupted: what is lost, repeated, and whether the next `up` converges."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import DEVICE, LocalStack, eventually
from tests.e2e.stack.losses import count_across

pytestmark = pytest.mark.faults

SEED = "edgeway:models[0].train.hyperparameters.seed"
RATE = "edgeway:layers[0].settings.intervalSeconds"
CUT_S = 60
RESTART_WITHIN_S = 30


@pytest.fixture(scope="module")
def busy(stack: LocalStack) -> Iterator[LocalStack]:
    """The stack with its sensor at ten messages a second."""
    with stack.config(RATE, "0.1"):
        stack.up()
        stack.settled()
        yield stack
    stack.up()


def standin_pid(stack: LocalStack) -> int:
    return int((stack.standin_state / "pid").read_text())


def kill_standin(stack: LocalStack) -> None:
    pid = standin_pid(stack)
    os.kill(pid, signal.SIGKILL)
    eventually("the stand-in is dead", lambda: not Path(f"/proc/{pid}").exists() or None)


def restart_standin(stack: LocalStack) -> None:
    stack.command("tools/standin.sh", "start")


def container_of(module: str) -> str:
    names = subprocess.run(
        ["docker", "ps", "--format", "{{.Names}}", "--filter", f"label=edgeway.device={DEVICE}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return next(name for name in names if name.endswith(f"-{module}"))


def kill_container(module: str) -> None:
    subprocess.run(["docker", "kill", "-s", "KILL", container_of(module)], check=True, capture_output=True)


def test_the_devices_hub_killed_while_messages_flow_loses_nothing(busy: LocalStack) -> None:
    result = count_across(busy, lambda: kill_container("edgeHub"))
    TABLE.add("kill -9 of the device's hub", "messages go on", str(result))
    assert (result.lost, result.out_of_order) == ((), 0)


def test_the_stand_in_killed_while_messages_flow_loses_nothing(busy: LocalStack) -> None:
    def fault() -> None:
        kill_standin(busy)
        restart_standin(busy)

    result = count_across(busy, fault)
    TABLE.add("kill -9 of the stand-in", "messages go on", str(result))
    assert (result.lost, result.out_of_order) == ((), 0)


def test_sixty_seconds_without_upstream_lose_nothing(busy: LocalStack) -> None:
    host = busy.outputs()["hub"]["host"]

    def fault() -> None:
        busy.control("POST", f"devices/{host}/{DEVICE}/cut", {"upstream": "cut"})
        threading.Event().wait(CUT_S)
        busy.control("POST", f"devices/{host}/{DEVICE}/cut", {"upstream": "on"})

    result = count_across(busy, fault)
    TABLE.add(f"upstream cut for {CUT_S} s", "stored and forwarded", str(result))
    assert (result.lost, result.out_of_order) == ((), 0)


def test_a_killed_scorer_loses_nothing(busy: LocalStack) -> None:
    result = count_across(busy, lambda: kill_container("scorer"))
    TABLE.add("kill -9 of the scorer", "restarted by the agent", str(result))
    assert (result.lost, result.out_of_order) == ((), 0)


def interrupt_when(stack: LocalStack, line_has: str, act: Callable[[subprocess.Popen[str]], None]) -> int:
    """Starts an `up`, acts when its output shows `line_has`, and gives its exit status."""
    up = ("pulumi", "up", "--stack", "local", "--yes", "--skip-preview", "--non-interactive")
    acted = False
    with stack.start(*up, start_new_session=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not acted and line_has in line:
                act(process)
                acted = True
        process.wait(timeout=120)
    assert acted, f"the output never showed {line_has!r}"
    return process.returncode


@pytest.mark.parametrize(("name", "number"), [("Ctrl-C", signal.SIGINT), ("kill -9", signal.SIGKILL)])
def test_an_up_stopped_during_an_image_build_is_finished_by_the_next_one(
    busy: LocalStack, name: str, number: signal.Signals
) -> None:
    # a seed that no run on this machine has had: the image of a known model would be found, not built
    with busy.config(SEED, str(secrets.randbelow(2**31))):
        status = interrupt_when(busy, "building", lambda p: os.killpg(p.pid, number))
        assert status != 0
        busy.pulumi("cancel", "--yes", check=False)
        result = busy.up()
        assert busy.changes() == {}
        version = busy.outputs()["models"]["anomaly"]["version"]
        eventually(
            "the device runs the new model", lambda: busy.monitor(1)[0]["properties"]["model"] == version, limit_s=120
        )
    TABLE.add(
        f"{name} of up during an image build",
        "the next up converges",
        f"exit status {status}, then {result.returncode}",
    )
    busy.up()


def test_a_stand_in_killed_in_the_middle_of_an_up_does_not_fail_that_up(stack: LocalStack) -> None:
    stack.command("tools/down.sh", "local", limit_s=600)
    stack.command("tools/standin.sh", "start")
    stack.command("tools/setup/pulumi-home.sh")
    stack.run("pulumi", "stack", "select", "local", "--create", "--non-interactive")
    died_at: list[float] = []

    def kill_and_restart(_: subprocess.Popen[str]) -> None:
        died_at.append(time.monotonic())
        kill_standin(stack)
        restart_standin(stack)
        assert time.monotonic() - died_at[0] < RESTART_WITHIN_S

    status = interrupt_when(stack, "Vault vault created", kill_and_restart)
    TABLE.add(
        "kill -9 of the stand-in during up",
        "the same up ends well" if status == 0 else "up failed",
        f"exit status {status}",
    )
    assert status == 0
    assert stack.changes() == {}
    assert len(stack.monitor(3)) == 3
