"""Whose a thing is: the mark that a resource's row in the state and the thing itself carry.

Two rows can speak of one thing: when its logical name changed, when a replacement was taken back, after an `up` that
died. The row that made it or took it over last wrote its own mark on it, and a row deletes only what carries its mark;
of rows that older code wrote, without one, what nobody has marked since. So each row's diff looks whether the thing
still carries its mark, and an update writes it anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

OUTPUT = "mark"


def fresh() -> str:
    return secrets.token_hex(8)


def of_row(state: Mapping[str, Any]) -> str | None:
    """None in states that older code wrote."""
    return state.get(OUTPUT)


def kept(state: Mapping[str, Any]) -> str:
    """The row's own, for an update."""
    return of_row(state) or fresh()


def as_output(mark: str | None) -> dict[str, str]:
    """What a row's outputs have of it: nothing where there is none."""
    return {OUTPUT: mark} if mark else {}
