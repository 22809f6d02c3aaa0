"""Edge deployments over contents, with failures and kills on the way, in the table: how many orders, how many lost.

What each of them is, and single ones again: tests/engine/test_change_over.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.figures import TABLE
from tests.engine.conftest import fleets_in
from tests.engine.fleet import Fleet, Fleets
from tests.engine.test_change_over import CASES, Play, an_order

pytestmark = pytest.mark.faults

AT_A_TIME = 4
SEEDS = range(1000, 1012)


@pytest.fixture(scope="module")
def fleets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleets]:
    with fleets_in(tmp_path_factory.mktemp("fleets")) as made:
        yield made


def outcome(play: Play, fleet: Fleet) -> tuple[str, int]:
    """What went wrong, and how often there was no deployment where one had been."""
    told = ""
    try:
        play(fleet)
    except AssertionError as error:
        told = str(error)
    return told, len(fleet.watch.gaps) + (not fleet.contents)


@pytest.mark.parametrize(
    ("title", "plays"),
    [
        ("failures, kills, refusals, Ctrl-C and renames, one case each", dict(CASES)),
        (f"random orders over three contents, seeds {SEEDS[0]} to {SEEDS[-1]}", {n: an_order(n) for n in SEEDS}),
    ],
)
def test_no_order_of_success_failure_and_kill_loses_a_deployment(
    fleets: Fleets, title: str, plays: dict[object, Play]
) -> None:
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = [
            pool.submit(outcome, play, fleets.new(f"t{number}-{len(plays)}"))
            for number, play in enumerate(plays.values())
        ]
        outcomes = [one.result() for one in found]
    lost = sum(gaps for _, gaps in outcomes)
    TABLE.add(f"up: {title}", f"{len(outcomes)} orders tried, a good up converges", f"{lost} deployments lost")
    assert os.linesep.join(told for told, _ in outcomes if told) == ""
    assert lost == 0
