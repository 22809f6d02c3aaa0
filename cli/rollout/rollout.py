"""Waits until what a stack deploys to devices is true there: this folder put together, with the hub and the time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cli.azure import PATIENT, answers, iot_hub
from cli.events.endpoint import built_in_endpoint
from cli.events.reader import Reader
from cli.rollout.mailbox import Mailbox
from cli.rollout.outcome import Outcome, outcome
from cli.rollout.progress import Progress
from cli.rollout.waiting import Waiting
from cli.rollout.wanted import wanted_layers
from cli.screen import columns, wrapped
from cli.stack.file import LOCAL
from cli.stack.outputs import Outputs


class _Clock:
    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def wait_for_rollout(stack: Outputs, limit_seconds: float) -> Outcome:
    """Progress goes to stderr, a line a change. The process has entered the stack."""
    host = stack.hub.host
    clock = _Clock()
    with answers(host, "the roll-out"), Mailbox(lambda moment: _messages(stack, moment), clock) as mailbox:
        hub = iot_hub(host, PATIENT)
        layers = wanted_layers(stack, hub)
        waiting = Waiting(hub, layers, mailbox, clock, Progress(iot_hub(host), clock, _tell), _attaching(stack))
        standings = waiting.run(limit_seconds)
        heard = {device: mailbox.newest(device) for device in standings}
        return outcome(hub, layers, waiting.wanted, standings, heard)


def _attaching(stack: Outputs) -> Callable[[str], str | None] | None:
    """On `local` the devices are this machine's: each is attached, or something is wrong. A virtual machine of the
    stack attaches itself."""
    if stack.stack == LOCAL:
        return None
    by_itself = {device for device, one in stack["devices"].items() if "machine" in one}

    def told(device: str) -> str | None:
        return None if device in by_itself else f"edgeway device config {device} --stack {stack.stack} --out DIR"

    return told


def _messages(stack: Outputs, moment: datetime) -> Reader:
    return Reader(built_in_endpoint(stack.hub), (moment, True))


def _tell(line: str) -> None:
    print("\n".join(wrapped(line, columns())), file=sys.stderr, flush=True)
