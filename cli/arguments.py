"""Options that several commands take, spelt once."""

from __future__ import annotations

import argparse
import os

from contracts.numbers import number_of, whole_of


def add_stack(parser: argparse.ArgumentParser) -> None:
    default = os.environ.get("EDGEWAY_STACK", "local")
    # argparse formats its help texts
    shown = default.replace("%", "%%")
    parser.add_argument("--stack", default=default, metavar="NAME", help=f"which stack (default {shown})")


def positive(text: str) -> int:
    try:
        number = whole_of(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is refused; a whole number of 1 or more is wanted")
    return number


def seconds(text: str) -> float:
    try:
        number = number_of(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is refused; more than 0 and at most 86400 seconds are allowed")
    return number
