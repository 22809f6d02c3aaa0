"""What was measured: against the goals, then in full, as text or as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.vision.agreement import Agreement
from bench.vision.beside import SERVERS, TORCH, Measured
from bench.vision.camera.rounds import EVERY, MINUTES, OPENED, PACE, Captured, Memory
from bench.vision.detecting import ASKED, LIVE, THREADS, WITH_MASKS, Milliseconds
from bench.vision.networks import CIFAR, FP32, INT8, MASKRCNN, PEOPLE

NOISY = 0.1


@dataclass(slots=True, kw_only=True)
class Results:
    outside: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    """By model, of each round the microseconds inside `session.run` and outside."""
    beside: list[dict[str, Measured]] = field(default_factory=list)
    detecting: list[Milliseconds] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    captured: list[Captured] = field(default_factory=list)
    memory: Memory | None = None
    site_packages_bytes: dict[str, int] = field(default_factory=dict)
    others_busy: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    measure: str
    values: Sequence[float]
    """Of each round."""
    goal: float
    higher_is_better: bool = False

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.higher_is_better else self.value <= self.goal


def goals(results: Results) -> list[Goal]:
    """Ratios are taken inside a round."""
    found = [
        Goal(measure=f"outside session.run, of it: {name}", values=shares, goal=goal)
        for name, goal in ((FP32, 0.04), (CIFAR, 0.25), (MASKRCNN, 0.015), (PEOPLE, 0.35))
        if (shares := [one["outside_us"] / one["inside_us"] for one in results.outside.get(name, [])])
    ]
    if results.beside:
        found += [
            *_times("as fast as torch: fp32", results.beside, FP32, 1.7),
            *_times("as fast as torch: int8", results.beside, INT8, 5),
            Goal(
                measure="cold start, of torch's", values=_ratios(results.beside, "cold_start_s", FP32, TORCH), goal=0.4
            ),
        ]
    for name in (MASKRCNN, WITH_MASKS) if results.detecting else ():
        times = [of[TORCH] / of[name] for of in results.detecting]
        found.append(Goal(measure=f"as fast as torch: {name}", values=times, goal=1.15, higher_is_better=True))
    if results.detecting:
        slowest = [of[LIVE] for of in results.detecting]
        found.append(Goal(measure="/live while maskrcnn looks, ms", values=slowest, goal=100))
    if results.agreements:
        least = min(of.share for of in results.agreements)
        found.append(Goal(measure="found as torchvision finds", values=[least], goal=0.98, higher_is_better=True))
    return [*found, *_of_camera(results)]


def _of_camera(results: Results) -> Iterator[Goal]:
    """A message that is lost is in none of the times."""
    if results.captured:
        flat, late = [of.frames_per_s for of in results.captured], [of.p99_ms for of in results.captured]
        yield Goal(measure="frames/s, camera to hub on one core", values=flat, goal=40, higher_is_better=True)
        yield Goal(measure=f"p99 frame to hub at {PACE}/s, viewer open, ms", values=late, goal=60)
        yield Goal(measure="messages lost", values=[sum(of.lost for of in results.captured)], goal=0)
    if results.memory is not None:
        for name, of in (("camera", results.memory.camera), ("its detector", results.memory.detector)):
            measure = f"MB grown in {MINUTES} min of video: {name}"
            yield Goal(measure=measure, values=[results.memory.span(of) / 1e6], goal=5)


def _times(measure: str, rounds: Sequence[Mapping[str, Measured]], ours: str, goal: float) -> Iterator[Goal]:
    """By the clock, and by the processor, which a busy machine changes less."""
    for what, how in (("milliseconds", ""), ("cpu_ms", ", by CPU")):
        values = _ratios(rounds, what, TORCH, ours)
        yield Goal(measure=measure + how, values=values, goal=goal, higher_is_better=True)


def _ratios(rounds: Sequence[Mapping[str, Measured]], what: str, one: str, other: str) -> list[float]:
    return [getattr(of[one], what) / getattr(of[other], what) for of in rounds]


def text(results: Results) -> Iterator[str]:
    yield f"{'':<44}{'median':>9}  {'range':<16}{'goal':>9}"
    for goal in goals(results):
        sign, span = (">=" if goal.higher_is_better else "<="), f"{min(goal.values):.3g}..{max(goal.values):.3g}"
        bound = f"{sign} {goal.goal:g}"
        yield f"{goal.measure:<44}{goal.value:>9.3g}  {span:<16}{bound:>9}  {'met' if goal.met else 'MISSED'}"
    yield ""
    yield f"{'one thread, without a socket':<24}{'session.run us':>16}{'outside us':>12}"
    for name, rounds in results.outside.items():
        inside, outside = (statistics.median(one[f"{part}_us"] for one in rounds) for part in ("inside", "outside"))
        yield f"  {name:<22}{inside:>16,.0f}{outside:>12,.0f}"
    yield from _servers(results)
    yield from _detecting(results)
    yield from _captured(results)
    if results.others_busy > NOISY:
        yield f"noisy: others used {results.others_busy:.0%} of the two cores meanwhile"


def _servers(results: Results) -> Iterator[str]:
    if not results.beside:
        return
    yield ""
    yield f"{'one core':<24}{'ms a photograph':>16}{'CPU ms':>8}{'cold start s':>14}{'RSS MB':>8}{'packages MB':>13}"
    for name in SERVERS:
        ms, cpu, start, rss = (
            statistics.median(getattr(one[name], what) for one in results.beside)
            for what in ("milliseconds", "cpu_ms", "cold_start_s", "rss_bytes")
        )
        size = results.site_packages_bytes[name] / 1e6
        yield f"  {name:<22}{ms:>16.1f}{cpu:>8.1f}{start:>14.2f}{rss / 1e6:>8,.0f}{size:>13,.0f}"


def _detecting(results: Results) -> Iterator[str]:
    if results.detecting:
        yield ""
        yield f"{f'{THREADS} threads':<24}{'ms a photograph':>16}"
        for name in (*ASKED, LIVE):
            yield f"  {name:<22}{statistics.median(of[name] for of in results.detecting):>16,.0f}"
    if results.agreements:
        yield ""
        names = f"{'it finds':>9}{'ours':>6}{'matched':>9}{'pixels':>9}{'score':>10}{'masks':>8}"
        yield f"{'beside torchvision':<24}{names}"
    for of in results.agreements:
        found = f"{of.torch_finds:>9}{of.we_find:>6}{of.matched:>9}"
        yield f"  {of.size:<22}{found}{of.most_pixels:>9.4f}{of.most_score:>10.2g}{of.masks:>8.4f}"


def _captured(results: Results) -> Iterator[str]:
    if results.captured:
        yield ""
        names = ("CPU ms a frame: camera", "detector", "edge hub")
        yield f"{'on one core':<24}{'p50 ms':>8}" + "".join(f"{name:>{len(name) + 2}}" for name in names)
        p50, camera, detector, hub = (
            statistics.median(getattr(of, what) for of in results.captured)
            for what in ("p50_ms", "camera_cpu_ms", "detector_cpu_ms", "hub_cpu_ms")
        )
        yield f"{f'  camera at {PACE}/s':<24}{p50:>8.1f}{camera:>24.2f}{detector:>10.2f}{hub:>10.2f}"
    if (memory := results.memory) is not None:
        yield ""
        yield f"MB resident, each {EVERY} frames; the viewer opened {OPENED} times, {memory.pictures:,} pictures shown"
        for name, of in (("camera", memory.camera), ("detector", memory.detector)):
            yield f"  {name:<10}" + " ".join(f"{size / 1e6:.1f}" for size in of)


def document(results: Results) -> dict[str, Any]:
    return {
        "goals": [
            {"measure": goal.measure, "median": goal.value, "goal": goal.goal, "met": goal.met, "rounds": goal.values}
            for goal in goals(results)
        ],
        "outside": results.outside,
        "beside": [{name: asdict(one) for name, one in of.items()} for of in results.beside],
        "detecting": results.detecting,
        "captured": [asdict(of) for of in results.captured],
        "memory": None if results.memory is None else asdict(results.memory),
        "agreements": [of.document() for of in results.agreements],
        "site_packages_bytes": results.site_packages_bytes,
        "others_busy": round(results.others_busy, 3),
    }
