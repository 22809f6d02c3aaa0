"""Who is not connected, whose logs are shown, and what is a success."""

from __future__ import annotations

import json

import pytest

from cli.errors import Failed
from cli.rollout.outcome import lines
from cli.rollout.standing import State
from tests.cli.rollout.fleet import Fleet, agent, new_agent, scored


@pytest.fixture
def fleet() -> Fleet:
    fleet = Fleet()
    fleet.layer("anomaly", "edge-01", "edge-02")
    fleet.device("edge-01", (0, agent()))
    fleet.device("edge-02", (0, agent(connected=False, seen=1)))
    fleet.messages = [scored(3)]
    return fleet


def test_a_device_that_is_not_connected_is_listed_and_fails_nothing(fleet: Fleet) -> None:
    end = fleet.wait()
    assert end.failure is None
    assert lines(end, 100) == [
        "1 of 2 devices as wanted",
        "  ok   edge-01  anomaly",
        "  away edge-02  is not connected: gets it when it connects",
    ]
    assert fleet.asked_for_logs == []


def test_a_device_that_connects_meanwhile_is_waited_for(fleet: Fleet) -> None:
    fleet.device("edge-02", (0, agent(connected=False, seen=1)), (20, agent(since=20)))
    fleet.messages += [scored(60, device="edge-02")]
    assert [one.standing.state for one in fleet.wait().devices] == [State.RIGHT, State.RIGHT]


def test_a_device_whose_agent_answers_is_connected_whatever_the_hub_says(fleet: Fleet) -> None:
    fleet.answering = {"edge-02"}
    fleet.device("edge-02", (0, agent(connected=False, seen=1)), (100, agent(connected=False, since=100)))
    fleet.messages += [scored(110, device="edge-02")]
    assert [one.standing.state for one in fleet.wait().devices] == [State.RIGHT, State.RIGHT]


def test_a_layer_of_which_no_device_is_connected_fails(fleet: Fleet) -> None:
    fleet.layer("digits", "edge-02", models=("digits",))
    end = fleet.wait()
    assert end.unreached == ("digits",)
    with pytest.raises(Failed, match="no device of layer 'digits' is connected"):
        end.check(300)


@pytest.fixture
def in_azure(fleet: Fleet) -> Fleet:
    fleet.attaching = "edgeway device config {} --stack dev --out DIR".format
    fleet.device("edge-02", (0, new_agent()))
    return fleet


def test_a_device_that_never_connected_is_listed_with_how_to_attach_it(in_azure: Fleet) -> None:
    end = in_azure.wait()
    assert end.failure is None
    assert lines(end, 120) == [
        "1 of 2 devices as wanted",
        "  ok   edge-01  anomaly",
        "  new  edge-02  not attached yet: edgeway device config edge-02 --stack dev --out DIR",
    ]
    assert end.as_json()["devices"][1]["state"] == "new"


def test_where_no_device_is_attached_yet_the_wait_is_over_at_once_and_well(in_azure: Fleet) -> None:
    in_azure.device("edge-01", (0, new_agent()))
    end = in_azure.wait()
    assert (end.failure, end.unreached, in_azure.seconds) == (None, (), 0)


def test_devices_that_are_away_fail_their_layer_whoever_is_not_attached_yet(in_azure: Fleet) -> None:
    in_azure.device("edge-01", (0, agent(connected=False, seen=1)))
    assert in_azure.wait().failure == "no device of layer 'anomaly' is connected"


def test_a_device_that_is_attached_meanwhile_is_waited_for(in_azure: Fleet) -> None:
    in_azure.device("edge-01", (0, agent(seen=1)), (40, agent(since=40)))
    in_azure.device("edge-02", (0, new_agent()), (10, agent(since=10)))
    in_azure.messages = [scored(41), scored(50, device="edge-02")]
    assert [one.standing.state for one in in_azure.wait().devices] == [State.RIGHT, State.RIGHT]


def test_a_device_whose_agent_answers_is_attached_although_the_hub_has_not_said_so(in_azure: Fleet) -> None:
    in_azure.answering = {"edge-02"}
    in_azure.device("edge-02", (0, new_agent()), (20, agent(since=20)))
    in_azure.messages += [scored(25, device="edge-02")]
    assert [one.standing.state for one in in_azure.wait().devices] == [State.RIGHT, State.RIGHT]


def test_on_local_a_device_that_never_connects_is_one_that_is_away(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, new_agent()))
    fleet.device("edge-02", (0, new_agent()))
    assert fleet.wait().failure == "no device of layer 'anomaly' is connected"
    assert fleet.seconds >= 30


def test_a_device_that_cannot_is_named_with_module_state_exit_code_and_last_lines(fleet: Fleet) -> None:
    fleet.device("edge-02", (0, agent(status="failed", exit_code=3, restarts=20)))
    fleet.logs["edge-02"] = "first\nValueError: no\x1b[2Ksuch column\n"
    end = fleet.wait()
    assert lines(end, 100)[2:] == [
        "  NOT  edge-02  cannot: module 'scorer' is failed, running is wanted; exit code 3, 20 restarts",
        "       scorer | first",
        "       scorer | ValueError: no [2Ksuch column",
    ]
    with pytest.raises(Failed, match="edge-02: not as wanted"):
        end.check(300)
    document = json.loads(json.dumps(end.as_json()))
    assert document["ok"] is False
    told = document["devices"][1]
    assert (told["state"], told["module"], told["moduleStatus"], told["exitCode"]) == ("stuck", "scorer", "failed", 3)
    assert told["logs"][0]["lines"][0] == "first"


def test_an_agent_that_gives_no_logs_is_said(fleet: Fleet) -> None:
    fleet.device("edge-02", (0, agent(status="failed")))
    assert lines(fleet.wait(), 100)[-1] == ("       scorer: no log lines (GetModuleLogs: 404 404103: nobody answers)")


def test_the_modules_of_a_device_that_is_silent_are_asked_for_their_logs(fleet: Fleet) -> None:
    fleet.messages = []
    fleet.logs["edge-01"] = "message 1 dropped: no such column"
    shown = lines(fleet.wait(50), 100)
    assert shown[-1] == "       scorer | message 1 dropped: no such column"
    assert fleet.asked_for_logs == [("edge-01", "scorer")]


def test_a_stack_without_layers_and_a_layer_without_devices_are_said() -> None:
    fleet = Fleet()
    assert lines(fleet.wait(), 100) == ["the stack has no layer: nothing is waited for"]
    fleet.layer("anomaly")
    assert lines(fleet.wait(), 100) == ["layer 'anomaly' means no device"]
