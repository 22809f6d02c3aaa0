"""`edgeway job list`: the jobs of a stack's workspace, the newest first."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict

from cli.arguments import add_stack
from cli.command import Command
from cli.screen import columns, cut


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    from cli.jobs import StackJobs

    stack = StackJobs(arguments.stack)
    jobs = stack.all()
    if arguments.json:
        print(json.dumps([asdict(job) for job in jobs], indent=2))
        return 0
    if not jobs:
        print(f"the workspace {stack.workspace} has no job")
        return 0
    rows = [(job.name, job.status, job.compute or "-", job.created[:19] or "-", _commit(job.tags)) for job in jobs]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        fixed = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        print(cut("  ".join([*fixed, row[4]]).rstrip(), columns()))
    return 0


def _commit(tags: Mapping[str, str]) -> str:
    commit = tags.get("commit", "")[:12]
    return f"{commit} (changed)" if commit and tags.get("dirty") == "true" else commit


COMMAND = Command(
    name="list",
    help="the jobs of the stack's workspace: name, state, cluster, when it was sent, commit",
    description="The newest first. `(changed)`: code of the model was not as in the commit.",
    add_options=_options,
    run=run,
)
