"""`edgeway show`: what runs where; with --wait, once every device sent a message that the deployed model scored."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.arguments import add_stack, seconds
from cli.command import Command
from cli.errors import Unreached
from cli.events.endpoint import built_in_endpoint
from cli.events.message import Message, as_line
from cli.events.reader import Reader
from cli.scoring.hints import hints
from cli.screen import columns, cut, wrapped
from cli.stack.environment import enter
from cli.stack.outputs import Outputs, outputs
from contracts.telemetry import PROPERTY_MODEL, PROPERTY_RESPONSE, RESPONSE_OK
from contracts.thresholds import parse_threshold

_LOOK_BACK = timedelta(seconds=30)
_CONFUSION = re.compile(r"(true|false)_(positives|negatives)")
"""Counts that the other metrics are made of: `--json` has them."""


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--wait", action="store_true", help="until every device sent a message that its model scored")
    parser.add_argument("--timeout", type=seconds, default=180.0, metavar="S", help="of --wait (default 180)")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    stack = outputs(arguments.stack)
    arrived = wait_for_messages(stack, arguments.stack, arguments.timeout) if arguments.wait else {}
    if arguments.json:
        messages = {device: message.as_json() for device, message in arrived.items()}
        print(json.dumps({**stack.values, "messages": messages}, indent=2))
        return 0
    print("\n".join(lines(stack, arrived, columns())))
    return 0


def wait_for_messages(stack: Outputs, name: str, limit_seconds: float) -> dict[str, Message]:
    """Per device the first message that a deployed model version scored."""
    versions = {str(model["version"]) for model in stack["models"].values()}
    pending = set(stack["devices"])
    arrived: dict[str, Message] = {}
    enter(name)
    deadline = time.monotonic() + limit_seconds
    with Reader(built_in_endpoint(stack.hub), (datetime.now(UTC) - _LOOK_BACK, True)) as reader:
        print(f"waiting for scored messages from {', '.join(sorted(pending))}", file=sys.stderr)
        while pending:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unreached(
                    f"no message scored by {', '.join(sorted(versions))} from {', '.join(sorted(pending))} within "
                    f"{limit_seconds:g} s; `edgeway device status` says what the devices run"
                )
            message = reader.next(min(left, 1.0))
            if message is not None and message.device in pending and is_scored(message, versions):
                arrived[str(message.device)] = message
                pending.discard(str(message.device))
    return arrived


def is_scored(message: Message, versions: set[str]) -> bool:
    properties = message.properties
    return properties.get(PROPERTY_RESPONSE) == RESPONSE_OK and properties.get(PROPERTY_MODEL) in versions


def lines(stack: Outputs, arrived: Mapping[str, Message], width: int) -> list[str]:
    hub = stack.hub
    rows = [f"{stack.stack}: {stack['environment']} in {stack['location']}, resource group {hub.resource_group}"]
    for name, model in sorted(stack["models"].items()):
        rows.append(f"  model    {name} {model['version']}  {_metrics(model)}")
    rows += [f"  image    {name}  {_short(ref)}" for name, ref in sorted(stack["images"].items())]
    for name, scoring in sorted(stack["scoring"].items()):
        rows.append(f"  scoring  {name}  {scoring['url']}  ({scoring.get('ip') or 'no address yet'})")
    rows.append(f"  hub      {hub.host}")
    for device, entry in sorted(stack["devices"].items()):
        tags = " ".join(f"{key}={value}" for key, value in sorted(entry["tags"].items()))
        rows.append(f"  device   {device}  {tags}")
        if device in arrived:
            rows.append(cut(f"           {as_line(arrived[device])}", width))
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
