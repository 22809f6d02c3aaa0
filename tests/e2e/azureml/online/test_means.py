"""What the tests of an endpoint count by: seeds that say the same again, shares, and what is left to chance."""

from __future__ import annotations

from collections import Counter

from tests.e2e.azureml.online.load import Answer, Seen, within_chance
from tests.e2e.azureml.online.moments import VICTIMS, seed


def test_a_seed_says_the_same_again_and_25_of_them_leave_no_window_and_no_victim_out() -> None:
    seeds = [seed(number) for number in range(25)]
    assert [str(one) for one in seeds] == [str(seed(number)) for number in range(25)]
    assert Counter(one.command for one in seeds) == {"up": 20, "down": 5}
    assert {one.victim for one in seeds if one.command == "up"} == set(VICTIMS)
    lasts = {(one.moment.then or one.moment).what for one in seeds}
    for window in ("the answer not read", "the old one is being removed", "not in the state", "just told"):
        assert any(window in last for last in lasts), window


def test_a_share_is_counted_between_the_looks_that_saw_it_and_not_around_its_change() -> None:
    looks = [(0.0, 0.1, {"a": 100}), (1.0, 1.1, {"a": 100}), (2.0, 2.1, {"a": 90, "b": 10}), (3.0, 3.1, {"b": 100})]
    answers = [Answer(due, 0.05, 200, name, "") for due, name in ((0.5, "a"), (0.99, "a"), (1.5, "b"), (2.5, "b"))]
    seen = Seen(answers, looks)
    spans = seen.spans()
    assert [(dict(one.traffic), one.begin, one.end) for one in spans] == [
        ({"a": 100}, 0.1, 1.0),
        ({"a": 90, "b": 10}, 2.1, 2.1),
        ({"b": 100}, 3.1, 3.1),
    ]
    assert seen.within(spans[0]) == {"a": 1}


def test_a_count_is_left_to_chance_within_999_of_a_thousand() -> None:
    assert within_chance(100, 1000, 0.1) and within_chance(131, 1000, 0.1) and within_chance(69, 1000, 0.1)
    assert not within_chance(133, 1000, 0.1) and not within_chance(67, 1000, 0.1)
    assert within_chance(1000, 1000, 1.0) and not within_chance(999, 1000, 1.0)
