"""Tells the engine's events by the line: what happened to which resource, in how many seconds. Each is told once."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.engine.events import changes, is_resource, label, short

_STILL_SECONDS = 20.0
_WORD_WIDTH = 9
_LABEL_WIDTH = 26
_COLOURS = re.compile(r"<\{%.*?%\}>")
_ENGINES_OWN = re.compile(r"(update|preview|destroy|refresh) failed")


@dataclass(frozen=True)
class _Words:
    mark: str
    plan: str
    doing: str
    done: str


# Steps that are not here are no events: what stays the same, what is only read, and of a replacement's three steps the
# one called `replace`, beside which stands the one that makes the new resource.
_WORDS = {
    "create": _Words("+", "create", "creating", "created"),
    "update": _Words("~", "update", "updating", "updated"),
    "delete": _Words("-", "delete", "deleting", "deleted"),
    "create-replacement": _Words("+-", "replace", "replacing", "replaced"),
    "delete-replaced": _Words("-", "delete", "deleting", "deleted"),
    "refresh": _Words("?", "look at", "looking at", "unchanged"),
    "import": _Words("=", "import", "importing", "imported"),
    "import-replacement": _Words("=", "import", "importing", "imported"),
}


@dataclass
class _Running:
    step: Mapping[str, Any]
    since: float
    told: float
    status: str = ""
    told_status: str = field(default="", repr=False)


class Lines:
    """`of` takes the events as they come; `tick` tells what has been going on for long."""

    def __init__(self, width: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._width = width
        self._clock = clock
        self._began = clock()
        self._running: dict[str, _Running] = {}
        self._told: set[tuple[str, str]] = set()
        self._failed = 0
        self._rows = 0
        self._errors = 0

    def of(self, event: Mapping[str, Any]) -> list[str]:
        for name, tell in (
            ("resourcePreEvent", self._begins),
            ("resOutputsEvent", self._ends),
            ("resOpFailedEvent", self._fails),
            ("diagnosticEvent", self._says),
            ("policyEvent", self._says),
            ("stdoutEvent", self._says),
            ("errorEvent", self._breaks),
            ("summaryEvent", self._sums),
        ):
            if name in event:
                return [line for text in tell(event[name]) for line in self._fitted(text)]
        return []

    def tick(self) -> list[str]:
        now, told = self._clock(), []
        for running in self._running.values():
            if now - running.told >= _STILL_SECONDS:
                running.told = now
                news = [] if running.status == running.told_status else [running.status]
                running.told_status = running.status
                told.append(self._row("..", _WORDS[running.step["op"]].doing, now - running.since, running.step, news))
        return told

    def _begins(self, event: Mapping[str, Any]) -> Iterator[str]:
        step = event["metadata"]
        words = _WORDS.get(step["op"])
        if words is None or not is_resource(step):
            return
        if not event.get("planning"):
            now = self._clock()
            self._running[step["urn"]] = _Running(step, now, now)
        elif step["op"] != "delete-replaced":
            yield self._row(words.mark, words.plan, None, step, list(changes(step)))

    def _ends(self, event: Mapping[str, Any]) -> Iterator[str]:
        running = self._running.pop(event["metadata"]["urn"], None)
        if running is None:
            return
        # a refresh ends as what it found, of which "same" is no event
        step = event["metadata"] if running.step["op"] == "refresh" else running.step
        if words := _WORDS.get(step["op"]):
            yield self._row(words.mark, words.done, self._clock() - running.since, step, list(changes(step)))

    def _fails(self, event: Mapping[str, Any]) -> Iterator[str]:
        step = event["metadata"]
        running = self._running.pop(step["urn"], None)
        self._failed += 1
        seconds = None if running is None else self._clock() - running.since
        tried = [_WORDS[step["op"]].plan] if step["op"] in _WORDS else []
        yield self._row("!", "failed", seconds, step, tried)

    def _says(self, event: Mapping[str, Any]) -> Iterator[str]:
        message = _COLOURS.sub("", str(event.get("message", ""))).rstrip()
        severity, urn = str(event.get("severity", "")), str(event.get("urn", ""))
        self._errors += severity == "error"
        if severity == "debug" or not message or _ENGINES_OWN.fullmatch(message):
            return
        if event.get("ephemeral"):
            if urn in self._running:
                self._running[urn].status = message
            return
        if (urn, message) not in self._told:
            self._told.add((urn, message))
            about = f"{short(urn)}: " if urn and "pulumi:pulumi:Stack" not in urn else ""
            yield f"{severity + ': ' if severity in ('warning', 'error') else ''}{about}{message}"

    def _breaks(self, event: Mapping[str, Any]) -> Iterator[str]:
        self._errors += 1
        yield f"error: {event.get('error', '')}"

    def _sums(self, event: Mapping[str, Any]) -> Iterator[str]:
        """Pulumi counts components and the stack too, and so a refusal of the program as "1 to create"."""
        if self._errors and not self._rows:
            yield f"failed, no resource was touched ({self._clock() - self._began:.1f} s)"
            return
        counts = event.get("resourceChanges") or {}
        said = 0 if event.get("isPreview") else 1
        parts = [f"{counts[op]} {words[said]}" for op, words in _COUNTED.items() if counts.get(op)]
        parts += [f"{self._failed} failed"] if self._failed else []
        same = counts.get("same", 0)
        parts += [f"{same} unchanged"] if same or not parts else []
        yield f"{', '.join(parts)} ({self._clock() - self._began:.1f} s)"

    def _row(self, mark: str, word: str, seconds: float | None, step: Mapping[str, Any], more: Sequence[str]) -> str:
        self._rows += 1
        took = "" if seconds is None else f"{seconds:6.1f} s  "
        row = f" {mark:<2} {word:<{_WORD_WIDTH}} {took}{label(step):<{_LABEL_WIDTH}}"
        for number, text in enumerate(" ".join(one.split()) for one in more):
            left = len(more) - number - 1
            longer = f"{row}{', ' if number else '  '}{text}"
            if len(longer) + (len(f", {left} more") if left else 0) > self._width:
                rest = f", {left + 1} more" if number else f"  {text}"
                return _cut(row + rest, self._width)
            row = longer
        return _cut(row.rstrip(), self._width)

    def _fitted(self, text: str) -> Sequence[str]:
        """A text of several lines, each within the width; what is continued is indented."""
        lines: list[str] = []
        for number, line in enumerate(text.splitlines()):
            indent = "" if number == 0 else "    "
            wrapped = textwrap.wrap(
                f"{indent}{line}", self._width, subsequent_indent="    ", break_on_hyphens=False, drop_whitespace=True
            )
            lines += wrapped or [""]
        return lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


_COUNTED = {
    "create": ("to create", "created"),
    "update": ("to update", "updated"),
    "delete": ("to delete", "deleted"),
    "replace": ("to replace", "replaced"),
    "import": ("to import", "imported"),
    "discard": ("to discard", "discarded"),
}
