"""The counting that the end-to-end tests rely on, checked without a stack."""

from __future__ import annotations

from tests.e2e.stack.telemetry import account


def test_a_gap_is_a_loss() -> None:
    assert account([1, 2, 5]).lost == (3, 4)


def test_a_repeat_is_counted_and_breaks_no_order() -> None:
    result = account([1, 2, 3, 2, 4])
    assert (result.repeated, result.out_of_order, result.lost) == (1, 0, ())


def test_a_first_arrival_after_a_higher_number_is_out_of_order() -> None:
    assert account([1, 3, 2]).out_of_order == 1
