"""Watches a place that serves a model: one golden example after the other, who answers, how fast, if as the card says.

While an online endpoint changes over, this is the change as its users see it: what another deployment answers is told
with its name, and not held against the card of the one that the stack has.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from cli.errors import CliError
from cli.scoring.client import Client
from cli.scoring.verification import VerifiedPlace, problem_of
from cloud.azureml.online_endpoint import CHOICE
from cloud.wording import counted
from contracts.card import Golden


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    at: str
    """In UTC, as ISO 8601 writes it."""
    example: str
    milliseconds: float
    deployment: str | None
    """Who answered, behind an online endpoint."""
    problem: str | None
    """None where the answer is the card's."""


def watch(place: VerifiedPlace, *, every_seconds: float, timeout_seconds: float, until: float | None) -> Iterator[Seen]:
    """For ever, or until `time.monotonic()` is that much. One answer that is late makes none of the next ones late."""
    pause, due = threading.Event(), time.monotonic()
    with closing(Client(place.endpoint, place.key, timeout_seconds)) as client:
        for example in cycle(place.card.golden):
            yield _asked(client, place, example)
            due = max(due + every_seconds, time.monotonic())
            if until is not None and due >= until:
                return
            pause.wait(due - time.monotonic())


def _asked(client: Client, place: VerifiedPlace, example: Golden) -> Seen:
    at, began = datetime.now(UTC), time.perf_counter()
    deployment = None
    try:
        answer = client.score(example.request)
        deployment = next((value for name, value in answer.headers.items() if name.lower() == CHOICE), None)
        is_another = answer.status == 200 and deployment not in (None, place.deployment)
        problem = None if is_another else problem_of(example, answer)
    except CliError as error:
        problem = str(error)
    took = round((time.perf_counter() - began) * 1000, 3)
    time_of_day = at.isoformat(timespec="milliseconds")
    return Seen(at=time_of_day, example=example.name, milliseconds=took, deployment=deployment, problem=problem)


class Watched:
    """What was seen so far."""

    def __init__(self) -> None:
        self.asked = 0
        self.failed = 0
        self._by: Counter[str] = Counter()

    def add(self, seen: Seen) -> None:
        self.asked += 1
        self.failed += seen.problem is not None
        self._by[seen.deployment or ""] += 1

    def __str__(self) -> str:
        by = ", ".join(f"{count} by {name}" for name, count in self._by.most_common() if name)
        return f"{counted(self.asked, 'request')}, {self.failed} failed{f'; {by}' if by else ''}"


def as_json(seen: Seen) -> dict[str, Any]:
    return asdict(seen)


def as_line(seen: Seen) -> str:
    """`12:41:07  ok   3.2 ms  cold  m0123456789ab`, and the problem where there is one."""
    mark, who = ("ok ", seen.deployment or "") if seen.problem is None else ("NOT", seen.problem)
    return f"{seen.at[11:19]}  {mark} {seen.milliseconds:8.1f} ms  {seen.example}  {who}".rstrip()
