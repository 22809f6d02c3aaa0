"""`edgeway device restart`: ends a module's process on a device and starts it again."""

from __future__ import annotations

import argparse

from cli.command import Command
from cli.commands.device.agent import add_module, agent_answers, hub_of


def _options(parser: argparse.ArgumentParser) -> None:
    add_module(parser)
    parser.add_argument("--yes", action="store_true", help="go on where the stack is production")


def run(arguments: argparse.Namespace) -> int:
    hub = hub_of(arguments, why_not_in_production="the module does not work while it starts")
    with agent_answers(hub, arguments.id):
        hub.restart_module(arguments.id, arguments.module)
    print(f"{arguments.id}: {arguments.module} restarts; `edgeway device status {arguments.id}` shows how it goes")
    return 0


COMMAND = Command(
    name="restart",
    help="restart one module of a device",
    description="By the device's agent. What the module holds in memory is lost; the edge hub keeps the messages that "
    "it has not sent on.",
    add_options=_options,
    run=run,
)
