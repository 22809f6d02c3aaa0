"""Numbers that are none, where texts are read as numbers."""

from __future__ import annotations

import pytest

from standin.core.numbers import whole_number
from standin.iothub.amqp.errors import AmqpError
from standin.iothub.eventhub.addresses import partition_number
from standin.iothub.eventhub.selector import _SELECTOR

ODD = ["", "-1", "+1", " 1", "1 ", "1_0", "1e3", "0x1", "²", "٣", "1.0", "nan", "9" * 20, "9" * 5000]


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_whole_number_is_none(text: str) -> None:
    assert whole_number(text) is None
    with pytest.raises(AmqpError):
        partition_number(text, 4)


@pytest.mark.parametrize("text", ["²", "٣", "9" * 20, "9" * 5000])
def test_a_selector_takes_only_numbers_that_fit(text: str) -> None:
    assert _SELECTOR.fullmatch(f"amqp.annotation.x-opt-offset > '{text}'") is None


def test_a_number_is_its_value() -> None:
    assert [whole_number(text) for text in ("0", "007", "9" * 19)] == [0, 7, 10**19 - 1]
    assert partition_number("3", 4) == 3
