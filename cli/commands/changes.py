"""`edgeway changes`: what a preview will do, or an `up` has done, in sentences."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cli.arguments import positive
from cli.command import Command
from cli.errors import Refused
from cli.screen import columns, wrapped


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="what `pulumi preview --json` printed, or an event log of the engine (default: standard input)",
    )
    parser.add_argument(
        "--columns", type=positive, metavar="N", help="fold at N (default: the terminal's width, elsewhere not at all)"
    )
    parser.add_argument("--json", action="store_true", help="the sentences with kind and subject, and every device")


def run(arguments: argparse.Namespace) -> int:
    from cli.forecast.operations import read_operations
    from cli.forecast.sentences import as_json, sentences

    operations = read_operations(_text(arguments.file))
    try:
        told = json.dumps(as_json(operations), indent=2) if arguments.json else [*map(str, sentences(operations))]
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # what is within a resource's inputs is its type's, and of no type is all held here
        raise Refused(f"{arguments.file}: holds inputs that no resource of the program has ({error!r})") from error
    width = arguments.columns or (columns() if sys.stdout.isatty() else 0)
    for sentence in [told] if isinstance(told, str) else told:
        print("\n".join(wrapped(sentence, width)) if width and not arguments.json else sentence)
    return 0


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}") from error


COMMAND = Command(
    name="changes",
    help="say what a preview will do: what trains, restarts, is lost; which devices get it",
    description="Reads what `pulumi preview --json` printed and says in sentences what would happen, a line each: "
    "pulumi preview --json | edgeway changes",
    add_options=_options,
    run=run,
)
