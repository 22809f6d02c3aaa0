"""What the sensor does about a twin patch, a control message or a method: values in, values out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.telemetry import INPUT_CONTROL, METHOD_RESET
from images.edge_hub.messages import MethodAnswer

INTERVAL = "SendInterval"
SENDING = "SendData"
COMMANDS = ("reset", "noop")

OK = 200
NOT_FOUND = 404


class Refused(ValueError):
    """A value from outside that is not allowed: names it, and what is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    interval_seconds: float
    sending: bool = True

    def reported(self) -> dict[str, Any]:
        return {INTERVAL: self.interval_seconds, SENDING: self.sending}


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(MethodAnswer):
    reset: bool = False
    """Whether the machine is to be cold again."""


def apply_desired(controls: Controls, desired: Mapping[str, Any]) -> Controls:
    """The controls with a twin's desired properties; an absent one stays as it was."""
    return Controls(
        interval_seconds=_interval(desired[INTERVAL]) if INTERVAL in desired else controls.interval_seconds,
        sending=_sending(desired[SENDING]) if SENDING in desired else controls.sending,
    )


def _interval(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise Refused(f"{INTERVAL} is {value!r}, must be a number of seconds above zero")
    return float(value)


def _sending(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"{SENDING} is {value!r}, allowed are true and false")
    return value


def asks_for_reset(input_name: str, body: bytes) -> bool:
    """Read a control message: `{"command":"reset"}`, or a list of such."""
    if input_name != INPUT_CONTROL:
        raise Refused(f"input is {input_name!r}, allowed is {INPUT_CONTROL!r}")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"control message is not JSON: {error}") from error
    commands = [_command(item) for item in (document if isinstance(document, list) else [document])]
    return "reset" in commands


def _command(item: Any) -> str:
    command = str(item.get("command")).lower() if isinstance(item, dict) else None
    if command not in COMMANDS:
        raise Refused(f"control command is {item!r}, allowed are {', '.join(COMMANDS)} as {{'command': ...}}")
    return command


def call_method(name: str) -> Called:
    if name.lower() == METHOD_RESET:
        return Called(status=OK, payload={"reset": True}, reset=True)
    return Called(status=NOT_FOUND, payload={"error": f"method is {name!r}, allowed is {METHOD_RESET!r}"})
