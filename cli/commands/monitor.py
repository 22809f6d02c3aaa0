"""`edgeway monitor`: shows what arrives at the hub's built-in endpoint, each message once.

With --model it shows how a place that serves a model answers, over and over.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from cli.arguments import add_stack, positive, seconds
from cli.command import Command
from cli.errors import Failed, Refused, Unreached
from cli.events.endpoint import built_in_endpoint
from cli.events.message import Repeats, as_line
from cli.events.reader import Reader, starting_position
from cli.stack.environment import enter
from cli.stack.outputs import outputs
from cloud.wording import counted

_LATEST = "latest"
_EVERY_S = 1.0
_ANSWER_S = 30.0


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--count", type=positive, metavar="N", help="stop after N messages")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="stop after S seconds")
    parser.add_argument(
        "--from", dest="start", default=_LATEST, metavar="WHEN", help="latest (default), earliest, or an ISO time"
    )
    parser.add_argument("--device", metavar="ID", help="only this device's messages")
    parser.add_argument("--until-end", action="store_true", help="stop at what the hub holds now (with --from)")
    parser.add_argument("--keep-repeats", action="store_true", help="show repeats too")
    parser.add_argument(
        "--model", metavar="NAME", help="ask the place that serves it a golden example every so often, instead"
    )
    parser.add_argument("--every", type=seconds, metavar="S", help=f"with --model: how often (default {_EVERY_S:g})")
    parser.add_argument("--json", action="store_true", help="one object a line")


def run(arguments: argparse.Namespace) -> int:
    if arguments.model is not None:
        return _place(arguments)
    if arguments.every is not None:
        raise Refused("--every is of --model: messages are shown as they arrive")
    return _messages(arguments)


def _place(arguments: argparse.Namespace) -> int:
    from cli.scoring.verified_place import place_of_stack
    from cli.scoring.watch import Watched, as_json, as_line, watch

    if arguments.device is not None or arguments.until_end or arguments.keep_repeats or arguments.start != _LATEST:
        raise Refused("--model is of a place: --device, --from, --until-end and --keep-repeats are of messages")
    place = place_of_stack(arguments.stack, arguments.model)
    if not place.card.golden:
        raise Refused(f"the card of {place.card.name} has no golden examples: there is nothing to ask")
    print(f"asking {place.endpoint.host} (Ctrl-C ends)", file=sys.stderr)
    watched, every = Watched(), arguments.every or _EVERY_S
    until = time.monotonic() + arguments.timeout if arguments.timeout else None
    try:
        for seen in watch(place, every_seconds=every, timeout_seconds=_ANSWER_S, until=until):
            print(json.dumps(as_json(seen)) if arguments.json else as_line(seen), flush=True)
            watched.add(seen)
            if watched.asked == arguments.count:
                break
    except KeyboardInterrupt:
        print(file=sys.stderr)
    print(watched, file=sys.stderr)
    if arguments.count is not None and watched.asked < arguments.count and until is not None:
        raise Unreached(f"{watched.asked} of {counted(arguments.count, 'request')} within {arguments.timeout:g} s")
    if watched.failed:
        raise Failed(f"{place.card.name} {place.version} at {place.endpoint.host}: {watched.failed} failed")
    return 0


def _messages(arguments: argparse.Namespace) -> int:
    start = starting_position(arguments.start)
    hub = outputs(arguments.stack).hub
    enter(arguments.stack)
    repeats, shown = Repeats(), 0
    ends: dict[str, int] | None = None
    began = time.monotonic()
    deadline = began + arguments.timeout if arguments.timeout else None
    try:
        with Reader(built_in_endpoint(hub), start) as reader:
            print(f"reading {hub.name} (Ctrl-C ends)", file=sys.stderr)
            ends = reader.ends() if arguments.until_end else None
            while (arguments.count is None or shown < arguments.count) and ends != {}:
                left = 1.0 if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    break
                message = reader.next(min(left, 1.0))
                if message is None:
                    continue
                if ends and message.sequence >= ends.get(message.partition, message.sequence + 1):
                    del ends[message.partition]
                asked_for = arguments.device in (None, message.device)
                if asked_for and (repeats.is_new(message) or arguments.keep_repeats):
                    print(json.dumps(message.as_json()) if arguments.json else as_line(message), flush=True)
                    shown += 1
    except KeyboardInterrupt:
        _summary(shown, repeats, began)
        return 0
    _summary(shown, repeats, began)
    if arguments.count is not None and shown < arguments.count:
        raise Unreached(f"{shown} of {counted(arguments.count, 'message')} arrived within {arguments.timeout:g} s")
    if ends:
        raise Unreached(f"the hub's end was not reached within {arguments.timeout:g} s")
    return 0


def _summary(shown: int, repeats: Repeats, began: float) -> None:
    took = time.monotonic() - began
    print(f"{counted(shown, 'message')}, {counted(repeats.count, 'repeat')} dropped, {took:.1f} s", file=sys.stderr)


COMMAND = Command(
    name="monitor",
    help="show messages as they arrive at the hub, or how a place answers (--model)",
    description="Reads the hub's built-in endpoint. Repeats (the same message id) are counted, not shown. Exits "
    "with 3 when --count messages did not arrive within --timeout. With --model it asks the place that serves "
    "the model a golden example every --every seconds instead, and shows who answered, how fast, and whether as the "
    "card says. Exits with 1 then where one answer was wrong or did not come.",
    add_options=_options,
    run=run,
)
