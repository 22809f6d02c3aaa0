"""What was measured: against the goals, then way by way, then in full as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.edge.rounds import PACE, Measured, Results
from bench.edge.ways import BROKER, EDGE_HUB, NAMES

LOST = "lost"
NOISY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    measure: str
    value: float
    low: float
    high: float
    goal: float
    higher_is_better: bool

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.higher_is_better else self.value <= self.goal


def goals(results: Results) -> list[Goal]:
    """Of the edge hub over paho: azure-iot-device is the limit of itself."""
    ours = results.measured.get(EDGE_HUB, [])
    if not ours:
        return []
    lost = [one.lost for one in ours] + ([results.killed.lost] if results.killed else [])
    return [
        _goal("messages/s", [one.messages_per_s for one in ours], 1000, higher_is_better=True),
        _goal(f"p99 at {PACE}/s, ms", [one.p99_ms for one in ours], 20, higher_is_better=False),
        Goal(measure=LOST, value=sum(lost), low=min(lost), high=max(lost), goal=0, higher_is_better=False),
    ]


def _goal(measure: str, values: Sequence[float], goal: float, *, higher_is_better: bool) -> Goal:
    return Goal(
        measure=measure,
        value=statistics.median(values),
        low=min(values),
        high=max(values),
        goal=goal,
        higher_is_better=higher_is_better,
    )


def text(results: Results) -> Iterator[str]:
    yield "2 hops (sender -> hub -> scorer -> hub -> $upstream), 1 KB, QoS 1, TLS; the edge hub over paho-mqtt"
    yield f"{'':<20}{'median':>10}  {'range':<18}{'goal':>9}"
    for goal in goals(results):
        span, bound = (
            f"{goal.low:,.1f}..{goal.high:,.1f}",
            f"{'>=' if goal.higher_is_better else '<='} {goal.goal:,.0f}",
        )
        verdict = "met" if goal.met else "MISSED"
        yield f"{goal.measure:<20}{goal.value:>10,.1f}  {span:<18}{bound:>9}  {verdict}"
    yield from _ways(results)
    if killed := results.killed:
        yield f"killed (-9) in the midst of {killed.sent} messages: {killed.lost} lost, {killed.repeated} repeated"
    if results.others_busy > NOISY:
        yield (
            f"noisy: others used {results.others_busy:.0%} of the two cores meanwhile; CPU for a message is then the "
            "steadiest figure, the least of the rounds the next; p99 says least"
        )


def _ways(results: Results) -> Iterator[str]:
    yield ""
    yield (
        f"{'':<16}{'messages/s':>12}{'CPU us':>9}{'least':>8}{'p50 ms':>9}{'p99 ms':>9}{'least':>8}"
        f"{'lost':>6}{'repeated':>10}{'RSS MB':>8}"
    )
    for name in (name for name in NAMES if name in results.measured):
        measured = results.measured[name]
        yield (
            f"{name:<16}{median(measured, 'messages_per_s'):>12,.0f}{median(measured, 'cpu_us'):>9,.0f}"
            f"{least(measured, 'cpu_us'):>8,.0f}{median(measured, 'p50_ms'):>9.1f}{median(measured, 'p99_ms'):>9.1f}"
            f"{least(measured, 'p99_ms'):>8.1f}{sum(one.lost for one in measured):>6}"
            f"{sum(one.repeated for one in measured):>10}{results.rss_bytes[name] / 1e6:>8.0f}"
        )
    ours, theirs = results.measured.get(EDGE_HUB), results.measured.get(BROKER)
    if ours and theirs:
        yield (
            f"edge hub over mosquitto, round by round: messages/s x {_ratio(ours, theirs, 'messages_per_s'):.2f}, "
            f"CPU x {_ratio(ours, theirs, 'cpu_us'):.1f}, p99 x {_ratio(ours, theirs, 'p99_ms'):.1f}"
        )


def _ratio(ours: Sequence[Measured], theirs: Sequence[Measured], name: str) -> float:
    ratios: list[float] = [getattr(a, name) / getattr(b, name) for a, b in zip(ours, theirs, strict=True)]
    return statistics.median(ratios)


def median(measured: Sequence[Measured], name: str) -> float:
    values: list[float] = [getattr(one, name) for one in measured]
    return statistics.median(values)


def least(measured: Sequence[Measured], name: str) -> float:
    values: list[float] = [getattr(one, name) for one in measured]
    return min(values)


def document(results: Results) -> dict[str, Any]:
    return {
        "goals": [{**asdict(goal), "met": goal.met} for goal in goals(results)],
        "ways": {name: [asdict(one) for one in measured] for name, measured in results.measured.items()},
        "rss_bytes": results.rss_bytes,
        "killed": asdict(results.killed) if results.killed else None,
        "others_busy": round(results.others_busy, 3),
    }
