"""How lines for the user are worded."""

from __future__ import annotations

from cloud.wording import counted, end_of_line, one_line


def test_one_is_no_plural() -> None:
    assert [counted(number, "device") for number in (0, 1, 2)] == ["0 devices", "1 device", "2 devices"]


def test_a_long_text_ends_after_a_word_and_says_that_it_goes_on() -> None:
    text = "AADSTS7000215: Invalid client secret provided.\r\n Ensure the secret is the value"
    assert one_line(text, 50) == "AADSTS7000215: Invalid client secret provided. ..."
    assert one_line(text, 54) == "AADSTS7000215: Invalid client secret provided. ..."
    assert one_line(text, 200) == "AADSTS7000215: Invalid client secret provided. Ensure the secret is the value"


def test_a_word_that_is_longer_than_the_line_is_cut_rather_than_left_out() -> None:
    assert one_line("x" * 100, 20) == "x" * 17 + "..."
    assert one_line("why: " + "x" * 100, 20) == "why: " + "x" * 12 + "..."


def test_what_moves_the_cursor_is_left_out() -> None:
    assert one_line("a\x1b[2Jb\x00c\u202ed", 80) == "a [2Jb c d"


def test_of_what_a_program_said_the_end_is_kept_from_a_word_on() -> None:
    assert end_of_line("warning: slow\nerror: no stack", 20) == "... error: no stack"
    assert end_of_line("error: no stack", 20) == "error: no stack"
    assert end_of_line("x" * 30, 10) == "... " + "x" * 6
