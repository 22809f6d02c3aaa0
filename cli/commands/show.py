"""`edgeway show`: what runs where; with --wait, once it is true as for `edgeway rollout wait`, with the messages."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cli.arguments import add_stack, seconds
from cli.command import Command
from cli.events.message import Message, as_line
from cli.rollout import DEFAULT_SECONDS
from cli.scoring.hints import hints
from cli.screen import columns, cut, wrapped
from cli.stack.environment import enter
from cli.stack.outputs import Outputs, outputs
from contracts.thresholds import parse_threshold

_CONFUSION = re.compile(r"(true|false)_(positives|negatives)")
"""Counts that the other metrics are made of: `--json` has them."""


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--wait", action="store_true", help="first, as `edgeway rollout wait` does")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=DEFAULT_SECONDS,
        metavar="S",
        help=f"of --wait (default {DEFAULT_SECONDS:g})",
    )
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    stack = outputs(arguments.stack)
    if arguments.wait:
        enter(arguments.stack)
    arrived = _wait(stack, arguments.timeout) if arguments.wait else {}
    if arguments.json:
        messages = {device: [one.as_json() for one in several] for device, several in arrived.items()}
        print(json.dumps({**stack.values, "messages": messages}, indent=2))
        return 0
    print("\n".join(lines(stack, arrived, columns())))
    return 0


def _wait(stack: Outputs, limit_seconds: float) -> dict[str, list[Message]]:
    """By device, one for each of its scorers."""
    from cli.rollout import outcome
    from cli.rollout.rollout import wait_for_rollout
    from cli.rollout.standing import State

    end = wait_for_rollout(stack, limit_seconds)
    if end.failure is not None or end.empty or end.of(State.AWAY, State.NEW):
        print("\n".join(outcome.lines(end, columns())), file=sys.stderr)
    end.check(limit_seconds)
    return {one.device: list(one.messages) for one in end.devices}


def lines(stack: Outputs, arrived: Mapping[str, Sequence[Message]], width: int) -> list[str]:
    hub = stack.hub
    rows = [f"{stack.stack}: {stack['environment']} in {stack['location']}, resource group {hub.resource_group}"]
    for name, model in sorted(stack["models"].items()):
        rows.append(f"  model    {name} {model['version']}  {_metrics(model)}")
        rows += [f"  gate     {name}  {told}" for told in _gate(model.get("gate", {}))]
    rows += [f"  image    {name}  {_short(ref)}" for name, ref in sorted(stack["images"].items())]
    for name, scoring in sorted(stack["scoring"].items()):
        served_by = scoring.get("deployment") or scoring.get("ip") or "no address yet"
        rows.append(f"  scoring  {name}  {scoring['url']}  ({served_by})")
    rows.append(f"  hub      {hub.host}")
    for device, entry in sorted(stack["devices"].items()):
        tags = " ".join(f"{key}={value}" for key, value in sorted(entry["tags"].items()))
        rows.append(f"  device   {device}  {tags}")
        rows += [cut(f"           {as_line(message)}", width) for message in arrived.get(device, ())]
    return [
        *(line for row in rows for line in wrapped(row, width)),
        "try:",
        *(f"  {hint}" for hint in hints(stack, width - 2)),
    ]


def _metrics(model: Mapping[str, Any]) -> str:
    """`accuracy 0.9908 (at least 0.98), ...`; in brackets what the stack allows."""
    allowed = {name: f" ({parse_threshold(ends)})" for name, ends in model.get("thresholds", {}).items()}
    metrics = [entry for entry in sorted(model["metrics"].items()) if not _CONFUSION.fullmatch(entry[0])]
    return ", ".join(f"{name} {_number(value)}{allowed.get(name, '')}" for name, value in metrics)


def _gate(measured: Mapping[str, Any]) -> list[str]:
    """What the model's image took at the gate, of what its smallest place has; nothing where that is not known."""
    if measured.get("memoryPeakMb") is None:
        return []
    memory = f"{measured['memoryPeakMb']:.0f} of {measured['memoryMb']:.0f} MB"
    latency = f"an answer within {measured['latencyMs']:.1f} of {measured['timeoutMs']:.0f} ms"
    return [f"{memory}, {latency}, ready after {measured['startedInSeconds']:.1f} s"]


def _short(image: str) -> str:
    """An image by the first digits of its digest."""
    name, _, digest = image.partition("@sha256:")
    return f"{name}@sha256:{digest[:12]}" if digest else name


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


COMMAND = Command(
    name="show",
    help="what a stack runs where, and what to try next",
    add_options=_options,
    run=run,
)
