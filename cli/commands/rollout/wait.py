"""`edgeway rollout wait`: until what was deployed is true on every device, or it is known why not on one."""

from __future__ import annotations

import argparse
import json

from cli.arguments import add_stack, seconds
from cli.command import Command
from cli.rollout import DEFAULT_SECONDS
from cli.screen import columns
from cli.stack.environment import enter
from cli.stack.outputs import outputs


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument(
        "--timeout-s",
        type=seconds,
        default=DEFAULT_SECONDS,
        metavar="S",
        help=f"at the most (default {DEFAULT_SECONDS:g})",
    )
    parser.add_argument("--json", action="store_true", help="one object, at the end")


def run(arguments: argparse.Namespace) -> int:
    from cli.rollout.outcome import lines
    from cli.rollout.rollout import wait_for_rollout

    stack = outputs(arguments.stack)
    enter(arguments.stack)
    end = wait_for_rollout(stack, arguments.timeout_s)
    print(json.dumps(end.as_json(), indent=2) if arguments.json else "\n".join(lines(end, columns())), flush=True)
    end.check(arguments.timeout_s)
    return 0


COMMAND = Command(
    name="wait",
    help="until every device that a layer means runs it and has sent what its model scored",
    description="Waits for what `edgeway device status` checks, then for a message of each of the layer's models that "
    "is younger than the update, and says what each device waits for: each change at once, and what the modules said "
    "last where a minute brings none. Exits with 1 where a device cannot become right (and tells module, exit code, "
    "last log lines) or no device of a layer is connected, with 3 at the time-out. It cannot where the agent refuses "
    "the deployment or gave a module up, a module ended three times, or what it mounts or asks for is missing on the "
    "device after three tries. A device that is not connected gets it when it connects, and fails nothing.",
    add_options=_options,
    run=run,
)
