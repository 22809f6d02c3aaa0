"""`edgeway device ping`: whether the device's agent answers now; the hub's own `connectionState` may be minutes old."""

from __future__ import annotations

import argparse
import json
import time

from cli.command import Command
from cli.commands.device.agent import add_device, agent_answers, hub_of


def _options(parser: argparse.ArgumentParser) -> None:
    add_device(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    hub = hub_of(arguments)
    began = time.monotonic()
    with agent_answers(hub, arguments.id):
        hub.ping_agent(arguments.id)
    milliseconds = round((time.monotonic() - began) * 1e3)
    if arguments.json:
        print(json.dumps({"device": arguments.id, "milliseconds": milliseconds}))
    else:
        print(f"{arguments.id}: the agent answers ({milliseconds} ms)")
    return 0


COMMAND = Command(
    name="ping",
    help="ask a device's agent for an answer",
    description="Through the hub to the device and back. Exits with 3 where the agent is not connected, or does not "
    "answer in time.",
    add_options=_options,
    run=run,
)
