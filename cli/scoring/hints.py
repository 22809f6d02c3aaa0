"""What a user may want to paste next, for the stack that runs: each line works as it stands."""

from __future__ import annotations

import json
import os
import shlex

from cli.screen import folded_json
from cli.stack.file import LOCAL
from cli.stack.outputs import Outputs

_PROGRAM = ".venv/bin/edgeway"
_LONGEST_EXAMPLE = 1000
"""In characters: a longer one (a picture) is nothing to paste, so `verify` is shown, which sends it from the card."""


def hints(stack: Outputs, width: int) -> list[str]:
    """For each endpoint also the first example of its model's card, where it has one; folded to the width."""
    option = "" if stack.stack == os.environ.get("EDGEWAY_STACK", LOCAL) else f" --stack {shlex.quote(stack.stack)}"
    asks = [f"{_PROGRAM} monitor{option} --count 5", f"{_PROGRAM} device status{option}"]
    for endpoint in sorted(stack["scoring"]):
        example = first_example(stack, endpoint)
        which = f"{option} --model {endpoint}" if len(stack["scoring"]) > 1 else option
        if example is not None and len(json.dumps(example)) > _LONGEST_EXAMPLE:
            asks.append(f"{_PROGRAM} verify{which}")
        elif example is not None:
            asks.append(_piped(example, f"{_PROGRAM} invoke{which}", width))
    return asks


def _piped(example: object, command: str, width: int) -> str:
    """A pipe at a line's end goes on with the next line."""
    body = folded_json(example, width - len("echo '' |"))
    echo = f"echo {shlex.quote(body)} |"
    fits = len(echo.splitlines()[-1]) + 1 + len(command) <= width
    return f"{echo} {command}" if fits else f"{echo}\n  {command}"


def first_example(stack: Outputs, endpoint: str) -> object | None:
    """The input of the first golden example that goes as JSON; None where the card has none, or this clone does not
    have the artifact."""
    from cli.scoring.cards import deployed_card

    card = deployed_card(stack.artifact_of(endpoint))
    return next((example.input for example in card.golden if example.body is None), None) if card else None
