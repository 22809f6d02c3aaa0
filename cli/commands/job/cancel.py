"""`edgeway job cancel`: ends a job, or all of a stack that run, and waits until they have ended."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING

from cli.arguments import add_stack, seconds
from cli.command import Command
from cli.errors import Refused, Unreached

if TYPE_CHECKING:
    from cli.jobs import StackJobs
    from cloud.azureml.jobs import Job

_TIMEOUT_SECONDS = 300.0
_PAUSE_SECONDS = 1.0


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("name", nargs="?", metavar="JOB", help="as `edgeway job list` names it")
    parser.add_argument("--all", action="store_true", help="every job that the stack has sent and that has not ended")
    parser.add_argument(
        "--timeout-s",
        type=seconds,
        default=_TIMEOUT_SECONDS,
        metavar="S",
        help=f"at the most (default {_TIMEOUT_SECONDS:g})",
    )
    parser.add_argument("--json", action="store_true", help="one object at the end: the state of each by its name")


def run(arguments: argparse.Namespace) -> int:
    from cli.jobs import StackJobs

    if (arguments.name is None) != arguments.all:
        raise Refused("which job? Either its name, as `edgeway job list` shows it, or --all")
    stack = StackJobs(arguments.stack)
    chosen = [stack.get(arguments.name)] if arguments.name else _running(stack, arguments.stack)
    states = {job.name: job.status for job in chosen}
    for job in chosen:
        if not job.has_ended:
            stack.cancel(job.name)
            print(f"{job.name}: {job.status}, is to be cancelled", file=sys.stderr)
    states |= _ended(stack, [job.name for job in chosen if not job.has_ended], arguments.timeout_s)
    if arguments.json:
        print(json.dumps(states, indent=2))
    else:
        print("\n".join(f"{name}: {state}" for name, state in states.items()) or "no job runs")
    return 0


def _running(stack: StackJobs, name: str) -> list[Job]:
    return [job for job in stack.all() if not job.has_ended and job.tags.get("stack") == name]


def _ended(stack: StackJobs, names: list[str], timeout_s: float) -> dict[str, str]:
    """A job that completed before it heard of it has completed."""
    deadline, ended = time.monotonic() + timeout_s, dict[str, str]()
    while waiting := [name for name in names if name not in ended]:
        for name in waiting:
            if (job := stack.get(name)).has_ended:
                ended[name] = job.status
        if len(ended) == len(names):
            break
        if time.monotonic() > deadline:
            raise Unreached(f"not ended within {timeout_s:g} s: {', '.join(n for n in names if n not in ended)}")
        time.sleep(_PAUSE_SECONDS)
    return ended


COMMAND = Command(
    name="cancel",
    help="end a job, or all of the stack that run, and wait until they have ended",
    description="One that has ended stays as it is. Exits with 3 where one has not ended in time.",
    add_options=_options,
    run=run,
)
