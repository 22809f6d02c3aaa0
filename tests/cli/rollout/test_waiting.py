"""When a roll-out has come true, and when it is known that it will not."""

from __future__ import annotations

import pytest

from cli.errors import Failed, Unreached
from cli.rollout.mailbox import Mailbox
from cli.rollout.standing import State
from tests.cli.messages import ListReader
from tests.cli.rollout.fleet import ANOMALY, DIGITS, Fleet, FleetClock, agent, at, scored

REFUSED = scored(25, properties={"AzureMLResponse": "no such column", "model": ANOMALY})


@pytest.fixture
def fleet() -> Fleet:
    fleet = Fleet()
    fleet.layer("anomaly", "edge-01")
    fleet.device("edge-01", (0, agent()))
    return fleet


def states(fleet: Fleet, limit_seconds: float = 300.0) -> dict[str, State]:
    return {one.device: one.standing.state for one in fleet.wait(limit_seconds).devices}


def test_a_device_is_right_once_it_runs_what_is_wanted_and_sent_a_message_since(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, agent(applied=())), (10, agent(seen=1)), (20, agent(since=20)))
    fleet.messages = [scored(30)]
    end = fleet.wait()
    assert [(one.device, one.standing.state, list(one.messages)) for one in end.devices] == [
        ("edge-01", State.RIGHT, [scored(30)])
    ]
    assert end.failure is None
    assert fleet.told == [
        "   0 s  edge-01  waits: the deployment is not targeted, Applied is wanted",
        "  10 s  edge-01  waits: the agent has seen version 1 of 2",
        f"  20 s  edge-01  runs what is wanted; waits for a message that anomaly {ANOMALY} scored",
        f"  30 s  edge-01  as wanted, and sent what anomaly {ANOMALY} scored",
    ]


@pytest.mark.parametrize(
    "message",
    [scored(19.9), scored(25, version=DIGITS), scored(25, device="edge-02"), scored(25, properties={}), REFUSED],
)
def test_a_message_of_before_or_of_another_model_or_device_is_not_taken(fleet: Fleet, message: object) -> None:
    fleet.device("edge-01", (0, agent(since=0, seen=1)), (20, agent(since=20)))
    fleet.messages = [message, scored(60)]  # type: ignore[list-item]
    assert states(fleet) == {"edge-01": State.RIGHT}
    assert fleet.seconds == 60


def test_a_message_that_is_read_for_another_device_counts_only_where_it_is_young_enough(fleet: Fleet) -> None:
    fleet.layer("anomaly", "edge-01", "edge-02")
    fleet.device("edge-01", (0, agent(seen=1)), (4, agent(since=4)))
    fleet.device("edge-02", (0, agent()))
    fleet.messages = [scored(2), scored(9), scored(15, device="edge-02")]
    ends = {one.device: list(one.messages) for one in fleet.wait().devices}
    assert ends == {"edge-01": [scored(9)], "edge-02": [scored(15, device="edge-02")]}
    assert f"   9 s  edge-01  as wanted, and sent what anomaly {ANOMALY} scored" in fleet.told


def test_of_several_messages_the_one_that_the_hub_got_last_is_kept() -> None:
    both = [scored(9, partition="1"), scored(2, partition="0")]
    with Mailbox(lambda moment: ListReader([*both]), FleetClock(Fleet())) as mailbox:
        mailbox.read_from(at(0))
        mailbox.listen(1.0, lambda message: message is both[1])
        assert mailbox.newest("edge-01") == {("scorer", ANOMALY): both[0]}


def test_what_was_true_long_before_is_true_at_once(fleet: Fleet) -> None:
    fleet.messages = [scored(-300), scored(-20)]
    (end,) = fleet.wait().devices
    assert (end.standing.state, list(end.messages)) == (State.RIGHT, [scored(-20)])
    assert (fleet.seconds, fleet.read_from) == (0, [at(-30)])


def test_who_sends_once_an_hour_is_found_in_the_last_hour(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, agent(since=-9999)))
    fleet.messages = [scored(-3700)]
    assert states(fleet) == {"edge-01": State.RIGHT}
    assert fleet.seconds == 10
    assert fleet.read_from == [at(-30), at(10 - 65 * 60)]


def test_each_layer_waits_for_its_own_model_and_a_device_of_both_for_both(fleet: Fleet) -> None:
    fleet.layer("digits", "edge-01", "edge-02", models=("digits",))
    fleet.device("edge-01", (0, agent(applied=("anomaly-2", "digits-2"))))
    fleet.device("edge-02", (0, agent(applied=("digits-2",))))
    fleet.messages = [scored(1, version=DIGITS), scored(3, device="edge-02", version=DIGITS), scored(7)]
    assert states(fleet) == {"edge-01": State.RIGHT, "edge-02": State.RIGHT}
    assert fleet.seconds == 7
    assert f"   0 s  edge-02  runs what is wanted; waits for a message that digits {DIGITS} scored" in fleet.told


def test_two_layers_of_one_model_are_each_heard_of_by_their_own_modules(fleet: Fleet) -> None:
    fleet.layer("again", "edge-01", modules=("again-scorer", "again-replay"))
    fleet.device("edge-01", (0, agent(applied=("anomaly-2", "again-2"))))
    fleet.messages = [scored(1), scored(5, module="again-scorer")]
    (end,) = fleet.wait().devices
    assert (end.standing.state, fleet.seconds, list(end.messages)) == (State.RIGHT, 5, fleet.messages)
    both = f"anomaly {ANOMALY} of layer again and anomaly {ANOMALY} of layer anomaly"
    assert fleet.told[:2] == [
        f"   0 s  edge-01  runs what is wanted; waits for a message that {both} scored",
        f"   1 s  edge-01  runs what is wanted; waits for a message that anomaly {ANOMALY} scored",
    ]


def test_devices_of_the_hub_that_the_condition_means_are_waited_for_too(fleet: Fleet) -> None:
    fleet.layer("anomaly", "edge-01", found=("edge-01", "other"))
    fleet.device("other", (0, agent()))
    fleet.messages = [scored(1), scored(2, device="other")]
    assert states(fleet) == {"edge-01": State.RIGHT, "other": State.RIGHT}


def test_a_layer_without_a_model_waits_for_no_message(fleet: Fleet) -> None:
    fleet.layer("anomaly", "edge-01", models=())
    assert states(fleet) == {"edge-01": State.RIGHT}
    assert fleet.read_from == []


def test_nothing_is_waited_for_where_no_layer_means_a_device(fleet: Fleet) -> None:
    fleet.layer("anomaly")
    end = fleet.wait()
    assert (end.devices, end.empty, end.failure, fleet.seconds) == ((), ("anomaly",), None, 0)


def test_a_deployment_that_stands_no_more_in_the_hub_is_not_waited_for(fleet: Fleet) -> None:
    fleet.layers["anomaly"]["entry"]["configuration"] = "anomaly-1"
    with pytest.raises(Failed, match="its deployment anomaly-1 does not stand in iot-1"):
        fleet.wait()


@pytest.mark.parametrize(
    ("down", "says"),
    [
        (agent(status="failed", exit_code=3), "module 'scorer' is failed, running is wanted; exit code 3"),
        (agent(status="backoff", restarts=3, exit_code=1), "is backoff, running is wanted; exit code 1, 3 restarts"),
        (agent(code=412), "the agent refuses it: 412"),
    ],
)
def test_what_cannot_become_right_is_told_long_before_the_time_is_over(fleet: Fleet, down: object, says: str) -> None:
    fleet.device("edge-01", (0, agent(seen=1)), (40, down))  # type: ignore[arg-type]
    (end,) = fleet.wait().devices
    assert (end.standing.state, fleet.seconds) == (State.STUCK, 40)
    assert says in end.standing.says
    assert says in fleet.told[-1]


def test_what_cannot_become_right_leaves_time_to_the_others(fleet: Fleet) -> None:
    fleet.layer("anomaly", "edge-01", "edge-02")
    fleet.device("edge-02", (0, agent(status="failed", exit_code=3)))
    fleet.messages = [scored(50)]
    assert states(fleet) == {"edge-01": State.RIGHT, "edge-02": State.STUCK}


@pytest.mark.parametrize(
    "down",
    [
        agent(status="backoff", restarts=2),
        agent(status="failed", image="old"),
        agent(status="failed", seen=1),
        agent(status="failed", applied=()),
        agent(code=400, applied=()),
        agent(code=500),
    ],
)
def test_what_may_become_right_by_itself_is_waited_for(fleet: Fleet, down: object) -> None:
    fleet.device("edge-01", (0, down), (100, agent(since=100)))  # type: ignore[arg-type]
    fleet.messages = [scored(101)]
    assert states(fleet) == {"edge-01": State.RIGHT}


def test_a_device_whose_scorer_drops_messages_is_not_right_before_it_stops(fleet: Fleet) -> None:
    fleet.dropping["edge-01", "scorer"] = 20
    fleet.messages = [scored(5)]
    assert states(fleet) == {"edge-01": State.RIGHT}
    assert fleet.seconds == 21
    drops = "scorer drops messages: $.t: a number is wanted"
    assert fleet.told[:2] == [
        f"   0 s  edge-01  runs what is wanted; waits for a message that anomaly {ANOMALY} scored; {drops}",
        f"   5 s  edge-01  waits: {drops}",
    ]


def test_the_time_is_over_at_its_end(fleet: Fleet) -> None:
    end = fleet.wait(45)
    assert fleet.seconds == 45
    with pytest.raises(Unreached, match="edge-01: not as wanted within 45 s"):
        end.check(45)
