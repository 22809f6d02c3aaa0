"""`edgeway doctor`: every need, what was found, its version, and the remedy for what is missing.

With a stack other than `local`, also what an `up` needs before its first call (state backend, sign-in, plugin), and
rights, provider registrations, quotas and names in Azure, by calls that change nothing. What may not be looked at is
marked `?` and fails nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from cli.arguments import add_stack
from cli.command import Command
from cli.needs.need import Need
from cli.screen import columns, wrapped
from cli.stack.file import LOCAL, stack_file
from clone.root import ROOT


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument(
        "--before-up",
        action="store_true",
        help="only state backend, its key, sign-in and plugin; prints only what is missing",
    )
    parser.add_argument("--names", action="store_true", help="with --before-up: and whether the stack's names are free")
    parser.add_argument("--rights", action="store_true", help="with --before-up: and which right of an up is missing")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    stack_file(arguments.stack)
    more = {"names": arguments.names, "rights": arguments.rights}
    needs = _before_up(arguments.stack, **more) if arguments.before_up else needs_of(arguments.stack)
    if arguments.json:
        print(json.dumps([asdict(need) for need in needs], indent=2))
    elif shown := [need for need in needs if need.ok is False or not arguments.before_up]:
        print("\n".join(table(shown, columns())))
    return 1 if any(need.ok is False for need in needs) else 0


def needs_of(stack: str) -> list[Need]:
    from cli.needs import azure, edge_runtime, machine

    needs = machine.needs(ROOT, stack)
    if stack == LOCAL:
        return needs
    before = _before_up(stack)
    signed_in = all(need.ok for need in before if need.name == "sign-in")
    return [*needs, *before, *edge_runtime.needs(stack), *(azure.needs(stack) if signed_in else ())]


def _before_up(stack: str, *, names: bool = False, rights: bool = False) -> list[Need]:
    from cli.needs import azure, before_up

    if stack == LOCAL:
        return []
    needs = before_up.needs(stack)
    if not all(need.ok for need in needs):
        return needs
    return [*needs, *(azure.rights_of(stack) if rights else ()), *(azure.names_of(stack) if names else ())]


_MARKS = {True: "ok ", False: "NOT", None: "?  "}


def table(needs: Sequence[Need], screen: int) -> list[str]:
    width = max(len(need.name) for need in needs)
    rows = []
    for need in needs:
        rows += _hanging(f"{_MARKS[need.ok]} {need.name:<{width}}  ", need.found, screen)
        if not need.ok:
            rows += _hanging(f"    {'':<{width}}  -> ", f"{need.remedy}  (needed by: {need.needed_by})", screen)
    return rows


def _hanging(head: str, text: str, screen: int) -> list[str]:
    lines = wrapped(text, max(screen - len(head), 40), indent="")
    return (
        [f"{head}{lines[0]}".rstrip(), *(f"{'':<{len(head)}}{line}" for line in lines[1:])]
        if lines
        else [head.rstrip()]
    )


COMMAND = Command(
    name="doctor",
    help="what this machine (or, with --stack dev, Azure) lacks",
    description="Lists every need with what was found. Exits with 1 when something is missing. Changes nothing.",
    add_options=_options,
    run=run,
)
