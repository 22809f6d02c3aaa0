"""`edgeway device logs`: what a module printed on a device, as the device's agent gives it.

https://learn.microsoft.com/azure/iot-edge/how-to-retrieve-iot-edge-logs
"""

from __future__ import annotations

import argparse
import re

from cli.arguments import positive
from cli.command import Command
from cli.commands.device.agent import add_module, agent_answers, hub_of
from cloud.wording import printable

_SINCE = re.compile(r"[1-9]\d{0,5}[smhd]")


def _options(parser: argparse.ArgumentParser) -> None:
    add_module(parser)
    parser.add_argument("--tail", type=positive, default=100, metavar="N", help="so many lines (default 100)")
    parser.add_argument("--since", type=_since, metavar="T", help="no older than 90s, 15m, 6h or 1d")


def run(arguments: argparse.Namespace) -> int:
    hub = hub_of(arguments)
    with agent_answers(hub, arguments.id):
        text = hub.module_logs(arguments.id, arguments.module, tail=arguments.tail, since=arguments.since)
    for line in text.splitlines():
        print(printable(line))
    return 0


def _since(text: str) -> str:
    if not _SINCE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is refused; a number and s, m, h or d is wanted, such as 15m")
    return text


COMMAND = Command(
    name="logs",
    help="the last lines that a module printed on a device",
    description="What the module printed, by way of the device's agent, which gives 127,000 characters at the most: "
    "ask for less by --tail or --since. Modules print what they print: it may hold what should not be shown around.",
    add_options=_options,
    run=run,
)
