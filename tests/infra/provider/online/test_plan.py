"""From what an endpoint has to the wanted deployment alone: each situation's way, and every place to be killed at."""

from __future__ import annotations

import itertools
import random

import pytest

from infra.provider.services.online.change import change_over
from infra.provider.services.online.plan import Deployment, Seen, Shift, State, Wanted, next_step, scaled
from pluginbase.resource import ProviderError
from tests.infra.provider.online.fake_endpoint import FakeEndpoint, Killed

OLD, NEW, OTHER, FOREIGN = "m00000000000a", "m00000000000b", "m00000000000c", "blue"
READY, BUSY, FAILED, LEAVING = (Deployment(state, 1, "mark") for state in State)
WANTED = Wanted(name=NEW, instances=1, mark="mark", shares=(10, 50, 100))
WAY = [
    f"make {NEW}",
    f"gate {NEW} at 0",
    f"shift {OLD}=90 {NEW}=10",
    f"gate {NEW} at 10 hold",
    f"shift {OLD}=50 {NEW}=50",
    f"gate {NEW} at 50 hold",
    f"shift {NEW}=100",
    f"gate {NEW} at 100 hold",
    f"remove {OLD}",
]


def run(endpoint: FakeEndpoint, wanted: Wanted = WANTED, serving: str | None = OLD) -> list[str]:
    change_over(endpoint, endpoint, wanted, serving)
    return endpoint.calls


@pytest.mark.parametrize(
    ("deployments", "traffic", "serving", "calls"),
    [
        ({}, {}, None, [f"make {NEW}", f"gate {NEW} at 0", f"shift {NEW}=100"]),
        ({OLD: READY}, {OLD: 100}, OLD, WAY),
        # as it should be
        ({NEW: READY}, {NEW: 100}, NEW, []),
        ({NEW: READY, FOREIGN: READY}, {NEW: 100}, NEW, []),
        # what a run that was killed has left
        ({OLD: READY, NEW: BUSY}, {OLD: 100}, OLD, [f"wait for {NEW}", *WAY[1:]]),
        ({OLD: READY, NEW: READY}, {OLD: 100}, OLD, WAY[1:]),
        ({OLD: READY, NEW: READY}, {OLD: 50, NEW: 50}, OLD, WAY[5:]),
        ({OLD: READY, NEW: READY}, {NEW: 100}, OLD, WAY[7:]),
        ({OLD: LEAVING, NEW: READY}, {NEW: 100}, OLD, WAY[7:]),
        ({NEW: READY}, {NEW: 100}, OLD, []),
        ({OLD: READY, NEW: FAILED}, {OLD: 100}, OLD, [f"remove {NEW}", *WAY]),
        ({OLD: READY, NEW: LEAVING}, {OLD: 100}, OLD, [f"remove {NEW}", *WAY]),
        ({NEW: BUSY}, {}, None, [f"wait for {NEW}", f"gate {NEW} at 0", f"shift {NEW}=100"]),
        # another one is wanted since
        ({OLD: READY, OTHER: READY}, {OLD: 100}, OLD, [f"remove {OTHER}", *WAY]),
        ({OLD: READY, OTHER: BUSY}, {OLD: 100}, OLD, [f"remove {OTHER}", *WAY]),
        ({OLD: READY, OTHER: READY}, {OLD: 90, OTHER: 10}, OLD, [f"shift {OLD}=100", f"remove {OTHER}", *WAY]),
        ({OTHER: READY}, {}, None, [f"remove {OTHER}", f"make {NEW}", f"gate {NEW} at 0", f"shift {NEW}=100"]),
        # shares changed by hand
        ({NEW: READY}, {}, NEW, [f"gate {NEW} at 0", f"shift {NEW}=100"]),
        (
            {NEW: READY, FOREIGN: READY},
            {FOREIGN: 40, NEW: 60},
            NEW,
            [f"gate {NEW} at 60 hold", f"shift {NEW}=100"],
        ),
        # nothing serves, and the one that did is kept until another does
        (
            {OLD: READY},
            {},
            OLD,
            [f"make {NEW}", f"gate {NEW} at 0", f"shift {NEW}=100", f"gate {NEW} at 100 hold", f"remove {OLD}"],
        ),
        # in place
        ({NEW: Deployment(State.READY, 2, "mark")}, {NEW: 100}, NEW, [f"make {NEW}"]),
        ({NEW: Deployment(State.READY, 1, "of another row")}, {NEW: 100}, NEW, [f"make {NEW}"]),
        ({NEW: FAILED}, {NEW: 100}, NEW, [f"make {NEW}"]),
    ],
)
def test_the_way_from_what_is_there(
    deployments: dict[str, Deployment], traffic: dict[str, int], serving: str | None, calls: list[str]
) -> None:
    endpoint = FakeEndpoint(Seen(deployments, traffic))

    assert run(endpoint, serving=serving) == calls
    assert endpoint.traffic == {NEW: 100}
    assert [name for name in endpoint.deployments if name != FOREIGN] == [NEW]
    endpoint.restart()
    assert run(endpoint, serving=NEW) == []


@pytest.mark.parametrize("share", [0, 10, 50, 100])
def test_a_deployment_that_fails_at_a_share_is_taken_back_and_the_old_one_serves_alone(share: int) -> None:
    endpoint = FakeEndpoint(Seen({OLD: READY}, {OLD: 100}))
    endpoint.bad[NEW] = share

    with pytest.raises(ProviderError) as failure:
        run(endpoint)

    assert str(failure.value) == (
        f"{NEW} answers otherwise at {share} %; of the traffic {OLD} has 100 % as before, {NEW} is removed"
    )
    assert endpoint.look() == Seen({OLD: READY}, {OLD: 100})
    assert max([share for _, share in endpoint.at_gate]) == share
    endpoint.restart()
    assert run(endpoint, Wanted(name=OLD, instances=1, mark="mark", shares=(100,))) == []


def test_a_deployment_that_does_not_come_up_is_removed() -> None:
    endpoint = FakeEndpoint(Seen({OLD: READY}, {OLD: 100}))
    endpoint.never_ready.add(NEW)

    with pytest.raises(ProviderError, match=f"{NEW} did not come up; of the traffic {OLD} has 100 % as before"):
        run(endpoint)

    assert endpoint.look() == Seen({OLD: READY}, {OLD: 100})


def test_a_first_one_that_fails_leaves_nothing() -> None:
    endpoint = FakeEndpoint()
    endpoint.bad[NEW] = 0

    with pytest.raises(ProviderError, match=f"nothing serves, as before, {NEW} is removed"):
        run(endpoint, serving=None)

    assert endpoint.look() == Seen({}, {})


def test_shares_that_somebody_set_by_hand_stand_again_where_the_way_to_its_own_fails() -> None:
    by_hand = Seen({NEW: READY, FOREIGN: READY}, {FOREIGN: 40, NEW: 60})
    endpoint = FakeEndpoint(by_hand)
    endpoint.bad[NEW] = 60

    with pytest.raises(ProviderError, match=f"blue has 40 %, {NEW} has 60 % as before"):
        run(endpoint, serving=NEW)

    assert endpoint.look() == by_hand


def _situations() -> list[tuple[Seen, str | None]]:
    """All that an endpoint of ours can be found in, and the row that the state may have beside it."""
    found: list[tuple[Seen, str | None]] = [(Seen({}, {}), None)]
    each: list[Deployment | None] = [None, READY, BUSY, FAILED, LEAVING]
    for old, new, other in itertools.product((READY, None), each, each):
        deployments = {name: one for name, one in ((OLD, old), (NEW, new), (OTHER, other)) if one}
        ready = [name for name, one in deployments.items() if one.state is State.READY]
        for serving in ready:
            found.append((Seen(deployments, {serving: 100}), OLD if old else serving))
        for first, second in itertools.permutations(ready, 2):
            found.append((Seen(deployments, {first: 90, second: 10}), OLD if old else first))
    return found


SITUATIONS = _situations()


def _converges(endpoint: FakeEndpoint, serving: str | None, kills: list[int]) -> None:
    served = bool(endpoint.traffic)
    for at in kills:
        endpoint.restart(at)
        try:
            run(endpoint, serving=serving)
        except Killed:
            assert not served or sum(endpoint.traffic.values()) == 100
    endpoint.restart()
    run(endpoint, serving=serving)
    assert endpoint.look() == Seen({NEW: READY}, {NEW: 100})


@pytest.mark.parametrize("index", range(len(SITUATIONS)))
def test_whatever_is_there_one_deployment_serves_afterwards_without_a_gap(index: int) -> None:
    """The fake refuses to take traffic to what is not ready, and to delete what has traffic."""
    seen, serving = SITUATIONS[index]
    for at in range(24):
        _converges(FakeEndpoint(seen), serving, [at])


def test_several_kills_of_one_change_over_end_as_none() -> None:
    random_ = random.Random(12)
    for _ in range(400):
        seen, serving = random_.choice(SITUATIONS)
        _converges(FakeEndpoint(seen), serving, [random_.randrange(24) for _ in range(random_.randrange(1, 6))])


def test_a_kill_makes_nothing_twice_and_gives_nothing_traffic_that_was_not_asked_before() -> None:
    for at in range(2 * len(WAY)):
        endpoint = FakeEndpoint(Seen({OLD: READY}, {OLD: 100}))
        endpoint.restart(at)
        try:
            run(endpoint)
        except Killed:
            made, passed = endpoint.made, {share for _, share in endpoint.at_gate}
            assert endpoint.traffic.get(NEW, 0) <= {0: 10, 10: 50, 50: 100, 100: 100}.get(max(passed, default=-1), 0)
            is_there = NEW in endpoint.deployments
            endpoint.restart()
            run(endpoint)
            assert endpoint.made == (0 if is_there else 1), (at, made)


def test_a_change_taken_back_after_a_kill_ends_where_it_began() -> None:
    back = Wanted(name=OLD, instances=1, mark="mark", shares=(10, 50, 100))
    for at in itertools.count():
        endpoint = FakeEndpoint(Seen({OLD: READY}, {OLD: 100}))
        endpoint.restart(at)
        try:
            run(endpoint)
            break
        except Killed:
            endpoint.restart()
        run(endpoint, back)
        assert endpoint.look() == Seen({OLD: READY}, {OLD: 100})
    assert at > len(WAY)


def test_a_run_that_was_killed_at_all_of_the_traffic_goes_back_to_the_one_before_where_the_new_one_fails() -> None:
    endpoint = FakeEndpoint(Seen({OLD: READY, NEW: READY}, {NEW: 100}))
    endpoint.bad[NEW] = 100

    with pytest.raises(ProviderError):
        run(endpoint)

    assert endpoint.look() == Seen({OLD: READY}, {OLD: 100})


@pytest.mark.parametrize(
    ("traffic", "total", "shares"),
    [
        ({"a": 100}, 90, {"a": 90}),
        ({"a": 60, "b": 40}, 50, {"a": 30, "b": 20}),
        ({"a": 1, "b": 1, "c": 1}, 100, {"a": 34, "b": 33, "c": 33}),
        ({"a": 99, "b": 1}, 10, {"a": 10}),
        ({"a": 100}, 0, {}),
        ({}, 50, {}),
    ],
)
def test_shares_are_whole_numbers_with_the_wanted_sum(
    traffic: dict[str, int], total: int, shares: dict[str, int]
) -> None:
    assert scaled(traffic, total) == shares


def test_somebody_elses_deployments_keep_their_proportion_while_a_new_one_comes() -> None:
    seen = Seen({OLD: READY, FOREIGN: READY, NEW: READY}, {OLD: 60, FOREIGN: 40})

    assert next_step(WANTED, seen, OLD, 0) == Shift({OLD: 54, FOREIGN: 36, NEW: 10})
