"""One seed: a command is disturbed, a person types the next one, and all has to be as if nothing had happened."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.disturbed import remains, victims
from tests.e2e.stack.counter import Count, Counter, count
from tests.e2e.stack.local_stack import STACK, LocalStack
from tests.kills.running import Running
from tests.kills.schedule import COMMANDS, GIVES_UP_S, PROCESSES, WHERE_SCORING, Schedule

SETTINGS = {r"intervalSeconds: [\d.]+": "intervalSeconds: 0.1"}
"""Ten messages a second."""
_SEED = re.compile(r"(?<=hyperparameters: \{seed: )\d+")
_QUICK = "  edgeway:roleSettleSeconds: 0\n"
_SAMPLE_S = 0.2
Windows = dict[str, tuple[float, float]]
"""`command process` -> seconds from the command's begin between which the process lives."""


@dataclass
class Measured:
    """Of the commands when nothing disturbs them."""

    windows: Windows = field(default_factory=dict)
    wanted: dict[str, remains.Found] = field(default_factory=dict)
    """What there is after each command."""

    def over(self, now: remains.Found, state: str, retrains: int) -> list[str]:
        """What is too much, and what is missing. A retrain leaves an archived version and its image, to go back to."""
        each = self.wanted["retrain"] - self.wanted["up"]
        kept = remains.Found({what: number * retrains for what, number in each.items()}) & (now - self.wanted[state])
        return remains.differences(now, self.wanted[state] + kept)

    @staticmethod
    def read(file: Path) -> Measured:
        given = json.loads(file.read_text())
        wanted = {state: remains.Found(found) for state, found in given["wanted"].items()}
        return Measured({key: (first, last) for key, (first, last) in given["windows"].items()}, wanted)

    def write(self, file: Path) -> None:
        file.write_text(json.dumps({"windows": self.windows, "wanted": self.wanted}, indent=2))


@dataclass
class Outcome:
    seed: int
    kind: str
    process: str
    command: str
    moment: str
    then: str
    hit: bool
    killed_after_s: float = 0.0
    status: int = 0
    """Of the command that was disturbed."""
    took_s: float = 0.0
    converged: bool = False
    converge_s: float = 0.0
    sent: int = 0
    lost: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return self.converged and not self.lost and not self.orphans

    def __str__(self) -> str:
        hit = f"hit after {self.killed_after_s:.1f} s" if self.hit else "NOT HIT"
        end = "converged" if self.converged else "NOT CONVERGED"
        wrong = "".join(f"\n     {one}" for one in (*self.lost, *self.orphans))
        return (
            f"  {hit}, exit {self.status} after {self.took_s:.0f} s; {self.then} {end} in {self.converge_s:.0f} s; "
            f"{self.sent} sent, {len(self.lost)} lost, {len(self.orphans)} orphans{wrong}"
        )

    def row(self) -> dict[str, Any]:
        return asdict(self)


class Player:
    """The stack of this clone, `up` or `down`, and what it should have in each."""

    def __init__(self, stack: LocalStack, folder: Path, counter: Counter) -> None:
        self.stack = stack
        self._folder = folder
        self._temporary = folder / "tmp"
        self._counter = counter
        self.state = ""
        self._retrains = 0

    def configure(self) -> None:
        """A sensor that sends often, and no waiting for roles that are effective at once here."""
        file = self._file
        text = file.read_text()
        for pattern, value in SETTINGS.items():
            text, times = re.subn(pattern, value, text)
            assert times == 1, f"{file} has {pattern} {times} times"
        file.write_text(text.replace("config:\n", f"config:\n{_QUICK}", 1))

    def reach(self, state: str) -> None:
        """By an undisturbed command, where it is not so already."""
        if self.state != state:
            assert self._plain(state) == 0, f"an undisturbed make {state} failed: {self._folder / 'plain.log'}"

    def measure(self) -> Measured:
        """Each command once, undisturbed: when each process lives, and what there is afterwards."""
        measured = Measured()
        for command in COMMANDS:
            measured.windows.update(self._windows(command))
            measured.wanted[command] = remains.found(self.stack, self._temporary)
        return measured

    def play(self, seed: Schedule, measured: Measured) -> Outcome:
        self.reach(seed.needs)
        if self.state == "up":
            self._counter.settle()
        before = self._counter.arrived()
        log = self._folder / f"{seed.kind}-{seed.seed}.log"
        log.unlink(missing_ok=True)
        outcome = self._disturbed(seed, measured.windows, log)
        began = time.monotonic()
        code = self._run(seed.then, log).end()
        outcome.converge_s = time.monotonic() - began
        self.state = seed.then
        unfinished = remains.unfinished(self.stack)
        outcome.converged = code == 0 and not unfinished and (seed.then == "down" or self.stack.changes() == {})
        self._count(outcome, before)
        self._retrains = 0 if self.state == "down" else self._retrains + (seed.command == "retrain")
        now = remains.found(self.stack, self._temporary)
        outcome.orphans = unfinished + measured.over(now, self.state, self._retrains)
        return outcome

    def _count(self, outcome: Outcome, before: Mapping[str, set[int]]) -> None:
        if outcome.converged and self.state == "up":
            self._counter.settle()
        counted: Count = count(self._counter.arrived(), before)
        outcome.sent, outcome.lost = counted.sent, list(counted.lost)

    def _disturbed(self, seed: Schedule, windows: Mapping[str, tuple[float, float]], log: Path) -> Outcome:
        running = self._command(seed.command, log)
        first, last = windows.get(f"{seed.command} {_place(seed)}", (0.0, 0.0))
        act = self._act(seed, running)
        due = first + seed.moment.share * (last - first)
        reached = (lambda: running.reached(seed.moment)) if seed.moment.mark else (lambda: running.seconds >= due)
        outcome = Outcome(
            seed.seed, seed.kind, seed.process, seed.command, str(seed.moment), seed.then, hit=running.until(reached)
        )
        outcome.hit = outcome.hit and running.until(act)
        outcome.killed_after_s = running.seconds
        if outcome.hit and seed.gives_up:
            over = outcome.killed_after_s + GIVES_UP_S
            running.until(lambda: running.seconds >= over and running.ctrl_c())
        outcome.status = running.end()
        outcome.took_s = running.seconds
        return outcome

    def _act(self, seed: Schedule, running: Running) -> Callable[[], bool]:
        """What is done at the moment, again and again until there was something to do it to."""
        if seed.kind == "interrupt":
            return running.ctrl_c
        if seed.kind == "reboot":
            return lambda: self._reboot(running)
        return lambda: victims.kill(victims.alive(seed.process, seed.where, running.session, self.stack))

    def _reboot(self, running: Running) -> bool:
        victims.kill_pids([*victims.standin(self.stack), *victims.of_session(running.session)])
        victims.kill_containers(list(victims.containers(self.stack)))
        return True

    def _command(self, command: str, log: Path) -> Running:
        if command != "down":
            # of no run before: the artifact of a known one would be found, not trained
            text, times = _SEED.subn(str(time.time_ns() // 10**8 % 2**31), self._file.read_text())
            assert times == 1
            self._file.write_text(text)
        return self._run("down" if command == "down" else "up", log)

    def _windows(self, command: str) -> Windows:
        running = self._command(command, self._folder / "plain.log")
        lived: Windows = {}

        def look() -> bool:
            for process in PROCESSES:
                for where in WHERE_SCORING if process == "scorer" else WHERE_SCORING[:1]:
                    if victims.alive(process, where, running.session, self.stack):
                        key = f"{command} {process} {where}"
                        lived[key] = (lived.get(key, (running.seconds,))[0], running.seconds)
            time.sleep(_SAMPLE_S)
            return running.is_over

        running.until(look)
        assert running.end() == 0, f"an undisturbed {command} failed: {self._folder / 'plain.log'}"
        self.state = "down" if command == "down" else "up"
        return lived

    def _plain(self, state: str) -> int:
        self.state, self._retrains = state, 0
        return self._run(state, self._folder / "plain.log").end()

    def _run(self, target: str, log: Path) -> Running:
        return Running(self.stack, target, log, self._temporary)

    @property
    def _file(self) -> Path:
        return self.stack.root / f"Pulumi.{STACK}.yaml"


def _place(seed: Schedule) -> str:
    return f"{seed.process} {seed.where if seed.process == 'scorer' else WHERE_SCORING[0]}"
