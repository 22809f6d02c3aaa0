"""How a line for the user is worded: one thing or several, and a service's long text on one line."""

from __future__ import annotations

import textwrap


def counted(number: int, thing: str) -> str:
    """`1 device`, `2 devices`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def printable(text: str) -> str:
    """Without what moves the cursor of who reads it, ends a line or is not seen."""
    return "".join(character if character.isprintable() else " " for character in text)


def one_line(text: str, most: int) -> str:
    """At most `most` characters, never cut within a word unless that alone is longer; `...` where it goes on."""
    line = " ".join(printable(text).split())
    if len(line) <= most:
        return line
    whole = textwrap.shorten(line, most, placeholder=" ...")
    return whole if len(whole) > most // 2 else f"{line[: most - 3]}..."


def end_of_line(text: str, most: int) -> str:
    """As `one_line`, but of a long text the end: what a program said last is why it ended."""
    line = " ".join(printable(text).split())
    if len(line) <= most:
        return line
    end = line[4 - most :]
    return f"... {end.partition(' ')[2] or end}"
