"""`edgeway device rotate`: another key for a device whose machine is a virtual one of the stack, while it works."""

from __future__ import annotations

import argparse
import sys

from cli.command import Command
from cli.commands.device.agent import add_device
from cli.errors import Refused
from cli.stack.environment import enter
from cli.stack.outputs import outputs


def _options(parser: argparse.ArgumentParser) -> None:
    add_device(parser)
    parser.add_argument("--yes", action="store_true", help="go on where the stack is production")


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import answers
    from cli.devices.key_places import KeyPlaces
    from cli.devices.machine import virtual_machine
    from cli.devices.rotation import rotate

    stack = outputs(arguments.stack)
    device = stack.device(arguments.id)
    machine = virtual_machine(stack, device)
    if machine is None:
        raise Refused(
            f"device {device!r} is no virtual machine of the stack, and nobody but its owner reaches its key there; "
            f"`edgeway device config {device} --out DIR --new-key` ends it and writes another one"
        )
    stack.refuse_in_production("the device's daemons and modules restart with the new key", yes=arguments.yes)
    enter(arguments.stack)
    with answers(stack.hub.host, f"device {device!r}"):
        key = rotate(KeyPlaces(stack.hub.host, device, machine), _tell)
    print(f"{device}: works with key {key}; the one before it is no key of the device any more")
    return 0


def _tell(line: str) -> None:
    print(f"edgeway: {line}", file=sys.stderr, flush=True)


COMMAND = Command(
    name="rotate",
    help="give a device another key while it works",
    description="The hub makes the key anew that nobody uses, the vault gets it, the machine fetches it and connects "
    "with it, then the old one ends. Nothing is lost: the edge hub keeps what it has not sent on while the daemons "
    "restart. Can be ended at any time and run again: it goes on where it was. Keys are shown by 8 digits of their "
    "digest only. Exits with 1 where the machine does not take the key, with 3 where it is not reached or does not "
    "connect in time: the old key works then.",
    add_options=_options,
    run=run,
)
