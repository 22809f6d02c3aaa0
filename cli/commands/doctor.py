"""`edgeway doctor`: every need, what was found, its version, and the remedy for what is missing.

With a stack other than `local`, also the roles, provider registrations and quotas in Azure, by read-only calls.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from cli.arguments import add_stack
from cli.command import Command
from cli.needs.need import Need
from cli.stack.file import LOCAL, stack_file
from clone.root import ROOT


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    stack_file(arguments.stack)
    needs = needs_of(arguments.stack)
    if arguments.json:
        print(json.dumps([asdict(need) for need in needs], indent=2))
    else:
        print("\n".join(table(needs)))
    return 0 if all(need.ok for need in needs) else 1


def needs_of(stack: str) -> list[Need]:
    from cli.needs import azure, machine

    needs = machine.needs(ROOT)
    return needs if stack == LOCAL else [*needs, *azure.needs(stack)]


def table(needs: Sequence[Need]) -> list[str]:
    width = max(len(need.name) for need in needs)
    rows = []
    for need in needs:
        rows.append(f"{'ok ' if need.ok else 'NOT'} {need.name:<{width}}  {need.found}")
        if not need.ok:
            rows.append(f"    {'':<{width}}  -> {need.remedy}  (needed by: {need.needed_by})")
    return rows


COMMAND = Command(
    name="doctor",
    help="what this machine (or, with --stack dev, Azure) lacks",
    description="Lists every need with what was found. Exits with 1 when something is missing. Changes nothing.",
    add_options=_options,
    run=run,
)
