"""What Docker refuses for something that the device lacks ends the wait; what it refuses otherwise may heal."""

from __future__ import annotations

from typing import Any

import pytest

from cli.errors import Failed
from cli.rollout.standing import State
from tests.cli.rollout.fleet import Fleet, agent, never_made, scored, trying
from tests.docs.refusals import ROLLOUT

MOUNT = 'invalid mount config for type "bind": bind source path does not exist: /etc/edgeway/nope'
PULL = "pull access denied for anomaly, repository does not exist or may require 'docker login'"


@pytest.fixture
def fleet() -> Fleet:
    fleet = Fleet()
    fleet.layer("anomaly", "edge-01")
    return fleet


@pytest.mark.parametrize(
    "words",
    [
        MOUNT,
        'could not select device driver "" with capabilities: [[gpu]]',
        'error gathering device information while adding custom device "/dev/video0": no such file or directory',
        "unknown or invalid runtime name: nvidia",
    ],
)
def test_what_the_device_lacks_ends_the_wait_after_three_tries(fleet: Fleet, words: str) -> None:
    fleet.device("edge-01", (0, agent(seen=1)), (40, trying(words)))
    end = fleet.wait(600)
    (device,) = end.devices
    assert (device.standing.state, 115 <= fleet.seconds < 120) == (State.STUCK, True)
    assert device.standing.says == f"cannot: module 'scorer' is unknown ({words}), running is wanted"
    assert fleet.told[-1].endswith(device.standing.says)


def test_the_error_names_device_module_and_what_is_missing(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, trying(MOUNT)))
    with pytest.raises(Failed) as stuck:
        fleet.wait(600).check(600)
    ROLLOUT.check("mount", f"edgeway: {stuck.value}")


def test_a_module_that_was_never_made_is_known_by_what_the_agent_says_of_the_deployment(fleet: Fleet) -> None:
    said = f"One or more errors occurred. (Error calling Create module scorer: {MOUNT}, StatusCode: 400)"
    tries = [(begin, never_made(500, said)) for begin in (0, 20, 60, 140)]
    rests = [(begin + 6, never_made(406)) for begin in (0, 20, 60, 140)]
    fleet.layer("digits", "edge-02", models=())
    fleet.device("edge-01", *tries, *rests)
    fleet.device("edge-02", (0, agent(applied=("digits-2",), seen=1)), (170, agent(applied=("digits-2",))))
    end = fleet.wait(600)
    (stuck,) = end.of(State.STUCK)
    assert (stuck.device, 170 <= fleet.seconds < 175) == ("edge-01", True)
    assert stuck.standing.says == f"cannot: the agent reports 500 {said}"
    assert stuck.standing.module is not None and stuck.standing.module.name == "scorer"


@pytest.mark.parametrize(
    "trouble",
    [
        trying(PULL),
        trying("edgeHub does not run"),
        trying(MOUNT, applied=()),
        trying(MOUNT, seen=1),
        agent(status="backoff", restarts=1),
    ],
)
def test_what_may_heal_is_waited_for(fleet: Fleet, trouble: dict[str, Any]) -> None:
    fleet.device("edge-01", (0, trouble), (400, agent(since=400)))
    fleet.messages = [scored(401)]
    assert [one.standing.state for one in fleet.wait(600).devices] == [State.RIGHT]


def test_a_disk_that_is_mounted_meanwhile_heals_it(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, trying(MOUNT)), (70, agent(since=70)))
    fleet.messages = [scored(90)]
    assert [one.standing.state for one in fleet.wait(600).devices] == [State.RIGHT]


def test_another_version_of_the_deployment_has_its_own_tries(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, trying(MOUNT)), (60, trying(MOUNT, version=3, seen=3)), (130, agent(since=130)))
    fleet.messages = [scored(131)]
    assert [one.standing.state for one in fleet.wait(600).devices] == [State.RIGHT]
