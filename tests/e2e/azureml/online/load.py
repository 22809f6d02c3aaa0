"""A load on the stack's online endpoint, and what its users saw of a change-over."""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import NormalDist

from tests.e2e.azureml.online.place import ROWS, Place
from tests.e2e.stack.local_stack import eventually

RATE = float(os.environ.get("EDGEWAY_RATE", "60"))
"""Requests a second. A quiet machine with two cores stands 200."""
_WIDE = NormalDist().inv_cdf(0.9995)
"""Half of the width of a 99.9 % interval, in standard deviations."""


@dataclass(frozen=True)
class Answer:
    due: float
    took: float
    status: int
    deployment: str
    said: str

    @property
    def came(self) -> float:
        return self.due + self.took


@dataclass(frozen=True)
class Span:
    """A time in which the traffic was this, by the looks at its begin and its end."""

    traffic: Mapping[str, int]
    begin: float
    end: float


@dataclass
class Seen:
    """`answers` and `looks` are there once the load has ended."""

    answers: list[Answer] = field(default_factory=list)
    looks: list[tuple[float, float, dict[str, int]]] = field(default_factory=list)

    @property
    def failed(self) -> list[Answer]:
        return [one for one in self.answers if one.status != 200]

    def spans(self) -> list[Span]:
        """One after the other, with a gap between two in which it is not known who was meant."""
        spans: list[Span] = []
        for began, ended, traffic in self.looks:
            if spans and spans[-1].traffic == traffic:
                spans[-1] = Span(traffic, spans[-1].begin, began)
            else:
                spans.append(Span(traffic, ended, ended))
        return spans

    def within(self, span: Span) -> Counter[str]:
        """By whom those were answered who asked and were answered in its time."""
        return Counter(one.deployment for one in self.answers if span.begin <= one.due and one.came <= span.end)

    def told(self) -> str:
        took = sorted(one.took for one in self.answers)
        p50, p99 = (1000 * took[int(share * (len(took) - 1))] for share in (0.5, 0.99))
        kinds = Counter((one.status, one.said[:60]) for one in self.failed)
        failed = "".join(f", {count} x {status} {said.strip()}" for (status, said), count in kinds.items())
        return (
            f"{len(took):,} requests, {len(self.failed)} failed{failed}; median {p50:.0f} ms, p99 {p99:.0f} ms, "
            f"longest {1000 * took[-1]:.0f} ms"
        )


def within_chance(count: int, of: int, share: float) -> bool:
    """Whether a count is within the 99.9 % interval of the binomial distribution (its normal form, and a whole one)."""
    return abs(count - of * share) <= _WIDE * math.sqrt(of * share * (1 - share)) + 0.5


@contextmanager
def load(place: Place, rate: float = RATE, key: str = "primary") -> Iterator[Seen]:
    """Users ask from before the block begins until after it has ended."""
    seen, stack = Seen(), place.stack
    question = {
        "host": place.host,
        "port": json.loads((stack.standin_state / "ports.json").read_text())["tls"],
        "key": place.keys()[key],
        "body": json.dumps(ROWS),
        "rate": rate,
        "endpoint": place.address,
    }
    command = ["tools/stack.sh", "local", "python", "-m", "tests.e2e.azureml.online.users"]
    output = place.folder / "users.json"
    with (
        output.open("w") as out,
        subprocess.Popen(
            command, cwd=stack.root, env=stack.child_environment(), text=True, stdin=subprocess.PIPE, stdout=out
        ) as users,
    ):
        assert users.stdin
        users.stdin.write(json.dumps(question) + "\n")
        users.stdin.flush()
        eventually("somebody asks", output.read_text)
        try:
            yield seen
        finally:
            users.stdin.close()
    found = json.loads(output.read_text().partition("\n")[2])
    seen.answers = sorted((Answer(*one) for one in found["answers"]), key=lambda one: one.due)
    seen.looks = [(began, ended, traffic) for began, ended, traffic in found["looks"]]
