"""`edgeway verify`: asks a deployed place the golden examples of a model's card, and compares the answers.

The card is the one of the model that the stack deployed, or a file; the place is the stack's scoring service, or any
address that serves `POST /score`: a container on this machine, an online endpoint, a device.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys

from cli.arguments import add_place, seconds
from cli.command import Command
from cli.errors import Failed, Refused
from cloud.wording import counted


def _options(parser: argparse.ArgumentParser) -> None:
    add_place(parser)
    parser.add_argument("--timeout", type=seconds, default=30.0, metavar="S", help="of one example (default 30)")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    from cli.scoring.verification import as_json, check
    from cli.scoring.verified_place import place_of

    place = place_of(arguments)
    if not place.card.golden:
        raise Refused(f"the card of {place.card.name} has no golden examples: nothing can be verified")
    checked = [check(place, example, arguments.timeout) for example in place.card.golden]
    wrong = [example for example in checked if example.problem]
    where, model = place.endpoint.host, f"{place.card.name} {place.version}".strip()
    if arguments.json:
        print(json.dumps(as_json(place, checked), indent=2))
    else:
        for example in checked:
            print(f"{'NOT' if example.problem else 'ok '} {example.name}  {example.milliseconds:.1f} ms")
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise Failed(f"{model} at {where}: golden example {wrong[0].name!r} {wrong[0].problem}{more}")
    if not arguments.json:
        median = statistics.median(example.milliseconds for example in checked)
        agreed = f"{counted(len(checked), 'golden example')} agree{'s' * (len(checked) == 1)}"
        print(f"{model} at {where}: {agreed}, median {median:.1f} ms", file=sys.stderr)
    return 0


COMMAND = Command(
    name="verify",
    help="check a deployed model by the golden examples of its card",
    description="Sends each golden example to POST /score of URL (the stack's scoring service when left out) and "
    "compares the answers. Exit code 1 names the first example that differs, what was expected and what came.",
    add_options=_options,
    run=run,
)
