"""What one seed means: which process is killed, in which command, at what moment, and what a person types next.

Processes and commands come in turn, so that any fifteen seeds in a row have each pair once; the rest is drawn.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Kind = Literal["kill", "interrupt", "reboot"]
Command = Literal["up", "retrain", "down"]
Marks = Literal["made", "told"]

PROCESSES = ("engine", "provider", "stand-in", "scorer", "edge hub")
COMMANDS: tuple[Command, ...] = ("up", "retrain", "down")
KINDS: tuple[Kind, ...] = ("kill", "interrupt", "reboot")
MARKED = ("Image", "RegisteredModel", "EdgeDeployment")
"""Kinds of resources: right after one of these was made is when most can go wrong."""
WHERE_SCORING = ("group", "device")
_SHARE_MARKED = 0.3
_SHARE_OTHER_WAY = 0.3
_SHARE_GIVES_UP = 0.7
GIVES_UP_S = 10.0
_SIGNAL = {"kill": "SIGKILL", "interrupt": "Ctrl-C", "reboot": "SIGKILL at once"}


@dataclass(frozen=True)
class Moment:
    share: float
    """Of the time in which the victim lives during the command, as measured."""
    mark: str = ""
    """A kind of resource, instead: at the moment at which it was made (on a down: deleted)."""
    marks: Marks = "told"
    """`made`: the service has it, the engine may not have heard; `told`: the engine says so."""

    def __str__(self) -> str:
        if not self.mark:
            return f"after {self.share:.0%} of the time in which it lives"
        return f"when {self.mark} was {'made' if self.marks == 'made' else 'told of'}"


@dataclass(frozen=True)
class Schedule:
    seed: int
    kind: Kind
    process: str
    command: Command
    moment: Moment
    then: Literal["up", "down"]
    where: str
    """Which scorer: the container group's or the device's."""
    gives_up: bool = False
    """Without the stand-in a command asks again for two minutes; whoever sits there may press Ctrl-C before."""

    @property
    def needs(self) -> str:
        """What the stack is to be before: `down` or `up`."""
        return "down" if self.command == "up" else "up"

    def __str__(self) -> str:
        victim = f"{self.process} ({self.where})" if self.process == "scorer" else self.process
        what = f"{_SIGNAL[self.kind]} of {victim}" if self.kind == "kill" else _SIGNAL[self.kind]
        whole = {"reboot": " of stand-in, containers and engine"}.get(self.kind, "")
        ctrl_c = f", Ctrl-C after {GIVES_UP_S:.0f} s" if self.gives_up else ""
        return f"seed {self.seed}: {what}{whole} in {self.command}, {self.moment}{ctrl_c}; then make {self.then}"


def schedule(seed: int, kind: Kind = "kill") -> Schedule:
    drawn = random.Random(f"{kind} {seed}")
    process = PROCESSES[seed % len(PROCESSES)] if kind == "kill" else "engine"
    command = COMMANDS[seed // len(PROCESSES) % len(COMMANDS)] if kind == "kill" else COMMANDS[seed % len(COMMANDS)]
    if kind == "interrupt" and command == "down":
        command = "up"
    marked = drawn.random() < _SHARE_MARKED
    moment = Moment(
        share=drawn.random(),
        mark=drawn.choice(MARKED) if marked else "",
        marks=drawn.choice(("made", "told")),
    )
    same_way: Literal["up", "down"] = "down" if command == "down" else "up"
    other_way: Literal["up", "down"] = "up" if command == "down" else "down"
    then = other_way if drawn.random() < _SHARE_OTHER_WAY else same_way
    where, gives_up = drawn.choice(WHERE_SCORING), process == "stand-in" and drawn.random() < _SHARE_GIVES_UP
    return Schedule(seed, kind, process, command, moment, then, where, gives_up)
