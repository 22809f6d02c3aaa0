"""How a number is spelt, and what only Python takes for one."""

from __future__ import annotations

import pytest

from contracts.numbers import number_of, whole_of


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0.0), ("-1.5", -1.5), ("+.5", 0.5), ("2.", 2.0), ("1e-3", 0.001), ("007", 7.0)]
)
def test_a_decimal_number_is_read(text: str, number: float) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text", ["", " 1", "1_000", "\u0663", "1\u0660", "inf", "nan", "1e999", "0x10", "1,5", "1e", ".", "--1", "1\n"]
)
def test_what_is_no_decimal_number_is_refused(text: str) -> None:
    for read in (number_of, whole_of):
        with pytest.raises(ValueError, match=r"is no|digits|could not"):
            read(text)


def test_a_whole_number_is_exact_however_large() -> None:
    assert whole_of("9007199254740993") == 2**53 + 1
    assert [whole_of("3.0"), whole_of("1e3"), whole_of("-7")] == [3, 1000, -7]
    with pytest.raises(ValueError, match=r"^'2\.5' is no whole number$"):
        whole_of("2.5")
