"""`edgeway job logs`: what a job has printed."""

from __future__ import annotations

import argparse
import json
import sys

from cli.arguments import add_stack
from cli.command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("name", metavar="JOB", help="as `edgeway job list` names it")
    parser.add_argument("--json", action="store_true", help="one object: name, status, error, log")


def run(arguments: argparse.Namespace) -> int:
    from cli.jobs import StackJobs

    stack = StackJobs(arguments.stack)
    job = stack.get(arguments.name)
    with stack.answers():
        details = stack.history.details(job.name)
        url = details.standard_log
        log = stack.history.log(url).decode(errors="replace") if url else ""
    if arguments.json:
        print(json.dumps({"name": job.name, "status": job.status, "error": details.error, "log": log}, indent=2))
        return 0
    if not log:
        print(f"{job.name} has printed nothing: {job.status}", file=sys.stderr)
    sys.stdout.write(log if log.endswith("\n") or not log else f"{log}\n")
    if details.error:
        print(f"{job.name}: {job.status}: {details.error}", file=sys.stderr)
    return 0


COMMAND = Command(
    name="logs",
    help="what a job has printed so far, and why it failed",
    description="The log goes to stdout as the job wrote it, the reason of a failure to stderr.",
    add_options=_options,
    run=run,
)
