"""The measurement: rounds in which every way is asked in turn, so that drift hits all alike."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from bench.edge.arrivals import Tally
from bench.edge.ways import EDGE_HUB, Way, standing
from bench.machine import BenchError, Busy

PACE = 200
"""Messages a second, where latency is measured."""
WARM_UP = 300
WITHIN_SECONDS = 30
KILLED_AT, KILLED_PACE = 0.5, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    rounds: int
    flow: int
    """Messages, as fast as they go."""
    paced_seconds: int


FULL = Size(rounds=5, flow=4000, paced_seconds=4)
QUICK = Size(rounds=2, flow=1500, paced_seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Of one way in one round."""

    messages_per_s: float
    """From the first one sent to the last one there."""
    cpu_us: float
    """Of the server, for one message over both hops, as fast as they go."""
    p50_ms: float
    p99_ms: float
    paced_cpu_us: float
    lost: int
    repeated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What a run had in which the edge hub was killed (-9) and started again."""

    sent: int
    lost: int
    repeated: int


@dataclass(slots=True)
class Results:
    measured: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    """By way, one a round."""
    rss_bytes: dict[str, int] = field(default_factory=dict)
    killed: Killed | None = None
    others_busy: float = 0.0
    """Share of the machine that others used meanwhile."""


def run(names: Collection[str], size: Size, *, tell: Callable[[str], None]) -> Results:
    results, busy = Results(), Busy()
    with standing(names) as ways:
        runs = iter(range(1, 1_000_000))
        for way in ways:
            warm, _ = _send(way, next(runs), WARM_UP, 0)
            if not warm.latencies_ns:
                raise BenchError(f"{way.name}: nothing arrives: {way.end.last_lines()}{way.server.last_lines()}")
        for number in range(1, size.rounds + 1):
            tell(f"round {number} of {size.rounds}")
            for way in ways:
                results.measured[way.name].append(_measured(way, runs, size))
        for way in ways:
            results.rss_bytes[way.name] = way.server.rss_bytes()
        for way in ways:
            if way.name == EDGE_HUB:
                tell("the edge hub is killed in the midst")
                results.killed = _killed(way, next(runs), size)
    results.others_busy = busy.of_others()
    return results


def _measured(way: Way, runs: Iterator[int], size: Size) -> Measured:
    flow, flow_cpu_s = _send(way, next(runs), size.flow, 0)
    seconds = (flow.last_arrived_ns - flow.first_sent_ns) / 1e9
    paced, paced_cpu_s = _send(way, next(runs), size.paced_seconds * PACE, PACE)
    return Measured(
        messages_per_s=size.flow / seconds,
        cpu_us=flow_cpu_s / size.flow * 1e6,
        p50_ms=_share(paced.latencies_ns, 0.5) / 1e6,
        p99_ms=_share(paced.latencies_ns, 0.99) / 1e6,
        paced_cpu_us=paced_cpu_s / (size.paced_seconds * PACE) * 1e6,
        lost=flow.lost + paced.lost,
        repeated=flow.repeated + paced.repeated,
    )


def _send(way: Way, number: int, count: int, rate: int) -> tuple[Tally, float]:
    """What arrived, and the server's CPU time in s."""
    before = way.server.cpu_s()
    way.sender.ask({"run": number, "count": count, "rate": rate})
    tally = Tally(**way.end.ask({"run": number, "expected": count, "within_s": WITHIN_SECONDS}))
    return tally, way.server.cpu_s() - before


def _killed(way: Way, number: int, size: Size) -> Killed:
    way.sender.order({"run": number, "count": size.flow, "rate": KILLED_PACE})
    time.sleep(size.flow / KILLED_PACE * KILLED_AT)
    way.server.kill_and_start_again()
    way.sender.answer()
    tally = Tally(**way.end.ask({"run": number, "expected": size.flow, "within_s": WITHIN_SECONDS}))
    return Killed(sent=size.flow, lost=tally.lost, repeated=tally.repeated)


def _share(latencies_ns: Sequence[int], share: float) -> float:
    return latencies_ns[max(0, math.ceil(len(latencies_ns) * share) - 1)]
