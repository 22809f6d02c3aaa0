"""`edgeway env`: the stack's environment as lines for a shell, or as JSON."""

from __future__ import annotations

import argparse
import json
import shlex

from cli.arguments import add_stack
from cli.command import Command
from cli.stack.environment import stack_environment


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--json", action="store_true", help="an object; null means: not set")


def run(arguments: argparse.Namespace) -> int:
    variables = stack_environment(arguments.stack)
    if arguments.json:
        print(json.dumps(variables, indent=2, sort_keys=True))
        return 0
    for name, value in sorted(variables.items()):
        print(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
    return 0


COMMAND = Command(
    name="env",
    help="print the environment of a stack",
    description="Prints export lines for `eval`. They hold the stand-in's client secret: no text for a log.",
    add_options=_options,
    run=run,
)
