"""One seed is one schedule, and a hundred of them leave nothing out."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.kills.schedule import COMMANDS, KINDS, MARKED, PROCESSES, Kind, schedule


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_same_schedule_each_time(kind: Kind) -> None:
    assert [schedule(seed, kind) for seed in range(40)] == [schedule(seed, kind) for seed in range(40)]
    assert len({str(schedule(seed, kind)) for seed in range(40)}) == 40


def test_any_fifteen_seeds_in_a_row_kill_each_process_in_each_command_once() -> None:
    pairs = Counter((one.process, one.command) for one in map(schedule, range(7, 22)))
    assert pairs == Counter({(process, command): 1 for process in PROCESSES for command in COMMANDS})


def test_a_hundred_seeds_have_every_marked_moment_and_both_ways_on() -> None:
    hundred = [schedule(seed) for seed in range(100)]
    assert {(one.moment.mark, one.moment.marks) for one in hundred if one.moment.mark} == {
        (mark, marks) for mark in MARKED for marks in ("made", "told")
    }
    assert {(one.command, one.then) for one in hundred} == {
        (command, then) for command in COMMANDS for then in ("up", "down")
    }
    shares = sorted(one.moment.share for one in hundred if not one.moment.mark)
    assert shares[0] < 0.1 and shares[-1] > 0.9


def test_nobody_interrupts_a_down() -> None:
    assert {schedule(seed, "interrupt").command for seed in range(30)} == {"up", "retrain"}
