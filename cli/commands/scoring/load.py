"""`edgeway load`: asks a deployed place the golden examples of its card with several users at once, and measures."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from cli.arguments import add_place, positive, seconds
from cli.command import Command
from cli.errors import Failed, Refused
from cloud.wording import counted

if TYPE_CHECKING:
    from cli.scoring.load import Tally

MOST_USERS = 1000


def _options(parser: argparse.ArgumentParser) -> None:
    add_place(parser)
    parser.add_argument("--users", type=positive, default=4, metavar="N", help="that ask at once (default 4)")
    parser.add_argument("--seconds", type=seconds, default=60.0, metavar="S", help="how long (default 60)")
    parser.add_argument("--timeout", type=seconds, default=30.0, metavar="S", help="of one request (default 30)")
    parser.add_argument("--yes", action="store_true", help="go on where the stack is production")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    from cli.scoring.load import Load
    from cli.scoring.verification import check
    from cli.scoring.verified_place import place_of

    if arguments.users > MOST_USERS:
        raise Refused(f"--users is {arguments.users}, at most {MOST_USERS} are allowed: each has a connection")
    place = place_of(arguments)
    if not place.card.golden:
        raise Refused(f"the card of {place.card.name} has no golden examples: there is nothing to ask")
    if place.production and not arguments.yes:
        raise Refused(f"stack {arguments.stack!r} is production: a load takes answers from its users; --yes goes on")
    model, where = f"{place.card.name} {place.version}".strip(), place.endpoint.host
    for example in place.card.golden:
        if problem := check(place, example, arguments.timeout).problem:
            raise Failed(f"{model} at {where}: golden example {example.name!r} {problem}: no load was begun")
    print(f"{model} at {where}: {counted(arguments.users, 'user')}, {arguments.seconds:g} s", file=sys.stderr)
    load = Load(place, users=arguments.users, timeout=arguments.timeout)
    try:
        tally = load.run(arguments.seconds, tell=_progress)
    except KeyboardInterrupt:
        _show(load.so_far(), as_json=arguments.json)
        raise
    _show(tally, as_json=arguments.json)
    if tally.failed:
        failed = f"{tally.failed:,} of {counted(tally.requests, 'request')} failed"
        raise Failed(f"{model} at {where}: {failed}, such as: {tally.example}")
    return 0


def _progress(tally: Tally) -> None:
    print(f"{tally.seconds:.0f} s: {tally.rate:,.1f} good answers a second, {tally.failed:,} failed", file=sys.stderr)


def _show(tally: Tally, *, as_json: bool) -> None:
    from cli.scoring import load

    print(json.dumps(load.as_json(tally), indent=2) if as_json else "\n".join(load.as_rows(tally)))


COMMAND = Command(
    name="load",
    help="ask a deployed model by several users at once, and measure",
    description="Each user sends the golden examples to POST /score, one after the other over a connection that stays "
    "open, and asks again as soon as it has its answer. Each answer is compared. Says the rate of good answers, "
    "the mean, the median and the 99th percentile of their latency, and the failures by status. "
    "Exit code 1 where one failed.",
    add_options=_options,
    run=run,
)
