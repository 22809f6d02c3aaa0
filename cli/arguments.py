"""Options that several commands take, spelt once."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = object


def add_stack(command: argparse.ArgumentParser) -> None:
    default = os.environ.get("EDGEWAY_STACK", "local")
    command.add_argument("--stack", default=default, metavar="NAME", help=f"which stack (default {default})")


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is refused; 1 or more is wanted")
    return number


def seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= 86400:
        raise argparse.ArgumentTypeError(f"{text} is refused; more than 0 and at most 86400 seconds are allowed")
    return number
