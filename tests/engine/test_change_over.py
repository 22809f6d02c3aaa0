"""A deployment goes from content to content under the real engine, whatever fails or dies on the way.

Each random order is by its seed, which its test's name says. EDGEWAY_CHANGE_OVER_SEEDS=17 plays that one again,
EDGEWAY_CHANGE_OVER_SEEDS=100-400 plays many others.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.engine.fleet import Fleet, Fleets

pytestmark = pytest.mark.engine

_AT_A_TIME = 4
_SEEDS = "1-3"
_CONTENTS = "abc"
_OTHER_NAME = {"logical_name": "renamed"}

Play = Callable[[Fleet], None]


def succeeds(fleet: Fleet, content: str, *options: str, **more: Any) -> str:
    done = fleet.up(content, *options, **more)
    assert done.returncode == 0, done.stdout
    return done.stdout


def fails(fleet: Fleet, content: str, **disturbance: Any) -> str:
    done = fleet.up(content, **disturbance)
    assert done.returncode != 0, done.stdout
    return done.stdout


def stands(fleet: Fleet, content: str) -> None:
    """Exactly that, nothing waits to be deleted, and at no moment was there nothing."""
    assert fleet.contents == [content]
    assert fleet.pending == []
    assert fleet.watch.gaps == []


def back_to_a_after_b_and_a_failure_behind_it(fleet: Fleet) -> None:
    succeeds(fleet, "a")
    fails(fleet, "b", later="fails")
    stands(fleet, "b")
    succeeds(fleet, "a")
    stands(fleet, "a")


def back_to_a_after_the_engine_was_killed_when_b_was_made(fleet: Fleet) -> None:
    succeeds(fleet, "a")
    fails(fleet, "b", killed=("engine", "make"))
    assert fleet.cut_off == ["updating"]
    fleet.refresh()
    assert fleet.cut_off == []
    assert "pending" not in succeeds(fleet, "a")
    stands(fleet, "a")


def back_to_a_after_the_provider_was_killed_when_b_was_made(fleet: Fleet) -> None:
    succeeds(fleet, "a")
    fails(fleet, "b", killed=("provider", "make"))
    assert sorted(fleet.contents) == ["a", "b"]
    assert fleet.changes("a") == {"same": 1, "update": 1}
    succeeds(fleet, "a")
    stands(fleet, "a")


def back_to_a_by_a_refresh_after_the_provider_was_killed_when_a_was_removed(fleet: Fleet) -> None:
    succeeds(fleet, "a")
    fails(fleet, "b", killed=("provider", "delete"))
    assert fleet.contents == ["b"]
    succeeds(fleet, "a", "--refresh")
    stands(fleet, "a")


def to_b_after_a_b_and_c_each_failed(fleet: Fleet) -> None:
    succeeds(fleet, "a")
    fails(fleet, "b", later="fails")
    fails(fleet, "c", later="fails")
    succeeds(fleet, "b")
    stands(fleet, "b")


def a_refused_update_leaves_the_old_and_no_row_behind(fleet: Fleet) -> None:
    succeeds(fleet, "a")
    told = fails(fleet, "b", refused="make")
    assert "not today" in told
    assert "as before" in told
    assert "Traceback" not in told
    stands(fleet, "a")
    assert fleet.changes("a") == {"same": 2}


def ctrl_c_while_the_update_waits_puts_the_old_back(fleet: Fleet) -> None:
    succeeds(fleet, "a")
    told = fails(fleet, "b", interrupted="make")
    assert "as before" in told
    assert fleet.cut_off == []
    stands(fleet, "a")
    assert fleet.changes("a") == {"same": 2}


def the_logical_name_moves_and_back(fleet: Fleet) -> None:
    """With equal content, with a failure after it, and with other content and a failure after that."""
    succeeds(fleet, "a")
    succeeds(fleet, "a", **_OTHER_NAME)
    stands(fleet, "a")
    fails(fleet, "a", later="fails")
    succeeds(fleet, "a", **_OTHER_NAME)
    stands(fleet, "a")
    fails(fleet, "b", later="fails")
    succeeds(fleet, "a", **_OTHER_NAME)
    stands(fleet, "a")


CASES: Mapping[str, Play] = {
    play.__name__: play
    for play in (
        back_to_a_after_b_and_a_failure_behind_it,
        back_to_a_after_the_engine_was_killed_when_b_was_made,
        back_to_a_after_the_provider_was_killed_when_b_was_made,
        back_to_a_by_a_refresh_after_the_provider_was_killed_when_a_was_removed,
        to_b_after_a_b_and_c_each_failed,
        a_refused_update_leaves_the_old_and_no_row_behind,
        ctrl_c_while_the_update_waits_puts_the_old_back,
        the_logical_name_moves_and_back,
    )
}


def seeds() -> Sequence[int]:
    first, _, last = os.environ.get("EDGEWAY_CHANGE_OVER_SEEDS", _SEEDS).partition("-")
    return range(int(first), int(last or first) + 1)


def disturbance(order: random.Random) -> dict[str, Any]:
    kind = order.choice(["none", "later", "refused", "killed", "killed", "moved"])
    if kind == "later":
        return {"later": "fails"}
    if kind == "refused":
        return {"refused": order.choice(["make", "change", "delete"])}
    if kind == "killed":
        return {"killed": (order.choice(["engine", "provider"]), order.choice(["make", "change", "delete"]))}
    return dict(_OTHER_NAME) if kind == "moved" else {}


def an_order(seed: int) -> Play:
    order = random.Random(seed)
    steps = [(order.choice(_CONTENTS), disturbance(order)) for _ in range(order.randint(2, 3))]
    last, options = order.choice(_CONTENTS), order.choice([(), ("--refresh",)])

    def play(fleet: Fleet) -> None:
        played = [f"seed {seed}: a"]
        try:
            succeeds(fleet, "a")
            for content, disturbed in steps:
                played.append(f"{content} {disturbed}")
                fleet.up(content, **disturbed)
                assert fleet.contents, "the hub holds none"
            played.append(f"{last} {' '.join(options)}")
            succeeds(fleet, last, *options)
            stands(fleet, last)
        except AssertionError as error:
            raise AssertionError(f"{' > '.join(played)}\n{error}") from error

    return play


@pytest.fixture(scope="module")
def played(fleets: Fleets) -> Iterator[Mapping[str, Future[None]]]:
    """All of them, several at a time: each `up` is mostly a wait for processes to start and end."""
    plays = {**CASES, **{f"seed-{seed}": an_order(seed) for seed in seeds()}}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        yield {title: pool.submit(play, fleets.new(f"n{number}")) for number, (title, play) in enumerate(plays.items())}


@pytest.mark.parametrize("case", CASES)
def test_one_stands_in_the_hub(played: Mapping[str, Future[None]], case: str) -> None:
    played[case].result()


@pytest.mark.parametrize("seed", seeds())
def test_a_good_up_converges_after_any_order(played: Mapping[str, Future[None]], seed: int) -> None:
    played[f"seed-{seed}"].result()
