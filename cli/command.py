"""What a command is: its words, its options and what runs; and the parser that is made of all of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`edgeway <name>`. `run` returns the exit code, or raises a `CliError` that says why not.

    COMMAND = Command(name="hello", help="greet", add_options=_options, run=run)
    """

    name: str
    help: str
    """One line in the list of commands."""
    description: str | None = None
    """What `edgeway <name> --help` says above the options."""
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`edgeway <name> <command>`: commands that belong together."""

    name: str
    help: str
    commands: tuple[Command, ...]


def parser_of(entries: Sequence[Command | Group]) -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="edgeway",
        description="From a model's training code to a scoring service and edge devices: what is around `pulumi up`.",
        epilog="Exit codes: 0 done, 1 failed, 2 refused, 3 a service did not answer in time, 130 Ctrl-C.",
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for entry in entries:
        if isinstance(entry, Command):
            _configure(commands.add_parser(entry.name, help=entry.help, description=entry.description), entry)
        else:
            group = commands.add_parser(entry.name, help=entry.help)
            actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
            for action in entry.commands:
                _configure(actions.add_parser(action.name, help=action.help, description=action.description), action)
    return root


def _configure(parser: argparse.ArgumentParser, command: Command) -> None:
    command.add_options(parser)
    parser.set_defaults(run=command.run)
