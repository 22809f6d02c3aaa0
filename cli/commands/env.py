"""`edgeway env`: the stack's environment as lines for a shell, or as JSON."""

from __future__ import annotations

import argparse
import json
import shlex

from cli.arguments import Commands, add_stack
from cli.stack.environment import stack_environment


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "env",
        help="print the environment of a stack",
        description="Prints export lines for `eval`. They hold the stand-in's client secret: no text for a log.",
    )
    add_stack(command)
    command.add_argument("--json", action="store_true", help="an object; null means: not set")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    variables = stack_environment(arguments.stack)
    if arguments.json:
        print(json.dumps(variables, indent=2, sort_keys=True))
        return 0
    for name, value in sorted(variables.items()):
        print(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
    return 0
