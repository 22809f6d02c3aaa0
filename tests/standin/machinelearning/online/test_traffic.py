from __future__ import annotations

import random

import pytest

from standin.machinelearning.online.traffic import chosen, problem_of_mirror, problem_of_traffic

THERE = ("blue", "green")


@pytest.mark.parametrize(
    "traffic", [{}, {"blue": 100}, {"blue": 0}, {"blue": 90, "green": 10}, {"green": 100, "blue": 0}]
)
def test_shares_of_deployments_that_are_there_sum_to_0_or_100(traffic: object) -> None:
    assert problem_of_traffic(traffic, THERE) is None


@pytest.mark.parametrize(
    ("traffic", "problem"),
    [
        ({"blue": 60, "green": 50}, "these sum to 110: blue 60, green 50"),
        ({"blue": 99}, "these sum to 99"),
        ({"red": 100}, "'red' in the traffic does not exist. Deployments of the endpoint: 'blue', 'green'"),
        ({"blue": 50.0, "green": 50}, "The traffic of 'blue' is 50.0"),
        ({"blue": True}, "is True"),
        ({"blue": "100"}, "is '100'"),
        ({"blue": -10, "green": 110}, "is -10"),
        (["blue"], "Traffic is a map"),
    ],
)  # fmt: skip
def test_other_shares_are_refused_with_what_is_wrong(traffic: object, problem: str) -> None:
    assert problem in (problem_of_traffic(traffic, THERE) or "")


@pytest.mark.parametrize(
    ("mirror", "problem"),
    [
        ({"green": 50}, None),
        ({"green": 51}, "50 at the most"),
        ({"blue": 10}, "'blue': it takes 100 per cent"),
        ({"blue": 0, "green": 5}, None),
        ({"green": 5, "red": 5}, "does not exist"),
    ],
)
def test_traffic_is_mirrored_to_one_deployment_that_takes_none(mirror: object, problem: str | None) -> None:
    found = problem_of_mirror(mirror, {"blue": 100}, THERE)
    assert found is None if problem is None else problem in (found or "")
    assert "one deployment only" in (problem_of_mirror({"blue": 1, "green": 1}, {}, THERE) or "")


def test_each_request_is_chosen_by_the_shares_alone() -> None:
    draw = random.Random(7).random
    asked = 20_000
    got = sum(chosen({"blue": 90, "green": 10, "red": 0}, draw) == "green" for _ in range(asked))
    # 99.9 % of a binomial of 10 %
    assert abs(got - asked * 0.1) < 3.29 * (asked * 0.1 * 0.9) ** 0.5
    assert {chosen({"blue": 0, "green": 100}, draw) for _ in range(1000)} == {"green"}
    assert chosen({"blue": 0}, draw) is None
    assert chosen({}, draw) is None
