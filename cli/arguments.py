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


def add_place(parser: argparse.ArgumentParser) -> None:
    """A place that serves a model, and the card that it is asked by (`cli/scoring/verified_place.py` reads them)."""
    add_stack(parser)
    parser.add_argument("url", nargs="?", metavar="URL", help="where the model is served, such as https://host/score")
    parser.add_argument("--model", metavar="NAME", help="which model, where the stack serves several")
    parser.add_argument(
        "--card", metavar="FILE", help="examples from this card.json or artifact folder: no stack is asked"
    )
    parser.add_argument("--key-file", metavar="FILE", help="holds the service's key (without --card: the stack's key)")
    parser.add_argument("--ca", metavar="FILE", help="trust this CA certificate (PEM) instead")


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
