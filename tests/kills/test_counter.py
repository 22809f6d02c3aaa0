"""What counts as lost, and what the table says of it."""

from __future__ import annotations

from tests.e2e.stack.counter import count
from tests.kills.play import Outcome
from tests.kills.results import table


def test_a_gap_in_a_life_is_lost_and_what_was_there_before_counts_no_more() -> None:
    counted = count({"a" * 20: [1, 2, 3, 4, 6, 7]}, before={"a" * 20: [1, 2, 3]})
    assert (counted.sent, counted.lost) == (4, ("aaaaaaaa/5",))


def test_a_new_life_begins_with_its_first_number() -> None:
    counted = count({"old": [1, 2], "new": [2, 3]}, before={"old": [1, 2]})
    assert (counted.sent, counted.lost) == (3, ("new/1",))


def test_the_table_has_a_row_for_each_process_and_command_and_one_for_all() -> None:
    def outcome(seed: int, command: str, **more: object) -> Outcome:
        given: dict[str, object] = {"hit": True, "converged": True, "sent": 10, "converge_s": 8.0 * seed, **more}
        return Outcome(seed, "kill", "engine", command, "somewhere", "up", **given)  # type: ignore[arg-type]

    head, down, up, everything = table(
        [outcome(1, "up"), outcome(2, "up", converged=False, lost=["x/1"]), outcome(3, "down", orphans=["+1 lock"])]
    )
    assert head.split()[:4] == ["what", "command", "tried", "hit"]
    assert down.split() == ["engine", "down", "1", "1", "1", "24", "24", "10", "0", "1"]
    assert up.split() == ["engine", "up", "2", "2", "1", "12", "16", "20", "1", "0"]
    assert everything.split() == ["all", "3", "3", "2", "16", "24", "30", "1", "1"]
