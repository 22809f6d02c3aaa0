"""What is measured of it: frames as fast as they go, frames at a pace with the viewer open, and memory over many."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from bench.edge.arrivals import Tally
from bench.machine import BenchError
from bench.vision.camera.chain import Chain, standing

FASTEST, PACE = 60, 20
"""Frames a second: the most that the module takes, and those of the original."""
WARM_UP, FLAT_OUT, PACED = 100, 500, 300
"""Frames of a run."""
MINUTES = 10
FRAMES = MINUTES * 60 * PACE
OPENED, EVERY = 100, 400
WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Of one round."""

    frames_per_s: float
    """From the first frame to the last answer in the hub's log, of frames that come faster than they are looked at."""
    p50_ms: float
    p99_ms: float
    """From a frame to its answer in the hub's log, with the viewer open."""
    lost: int
    camera_cpu_ms: float
    """Of the processor, for a frame of those at a pace; on a busy machine these say most."""
    detector_cpu_ms: float
    hub_cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Resident bytes, one each `EVERY` frames."""

    camera: tuple[int, ...]
    detector: tuple[int, ...]
    pictures: int
    """That came to who opened the viewer and closed it again."""

    def span(self, of: tuple[int, ...]) -> int:
        return max(of) - min(of)


def rounds(count: int) -> Iterator[Captured]:
    with standing() as chain:
        numbers = itertools.count(1)
        _sent(chain, next(numbers), WARM_UP, FASTEST)
        for _ in range(count):
            flat = _sent(chain, next(numbers), FLAT_OUT, FASTEST)
            before = _cpu_ms(chain)
            chain.viewer.order({"times": 1, "pictures": PACED * 100})
            paced = _sent(chain, next(numbers), PACED, PACE)
            seen = chain.viewer.answer()["pictures"]
            camera, detector, hub = ((now - then) / PACED for now, then in zip(_cpu_ms(chain), before, strict=True))
            if seen < PACED * 0.8:
                raise BenchError(f"the viewer showed {seen} of {PACED} frames: {chain.viewer.last_lines()}")
            yield Captured(
                frames_per_s=FLAT_OUT / (flat.last_arrived_ns - flat.first_sent_ns) * 1e9,
                p50_ms=_share(paced, 0.5),
                p99_ms=_share(paced, 0.99),
                lost=flat.lost + paced.lost,
                camera_cpu_ms=camera,
                detector_cpu_ms=detector,
                hub_cpu_ms=hub,
            )


def memory() -> Memory:
    with standing() as chain:
        chain.viewer.order({"times": OPENED, "pictures": FRAMES // OPENED * 3 // 4})
        chain.camera.order({"run": 1, "count": FRAMES, "rate": PACE, "every": EVERY})
        camera, detector = [], []
        for _ in range(FRAMES // EVERY):
            chain.camera.answer()
            camera.append(chain.camera.rss_bytes())
            detector.append(chain.detector.rss_bytes())
        pictures = chain.viewer.answer()["pictures"]
        return Memory(camera=tuple(camera), detector=tuple(detector), pictures=pictures)


def _sent(chain: Chain, run: int, count: int, rate: int) -> Tally:
    chain.camera.ask({"run": run, "count": count, "rate": rate, "every": count})
    return Tally(**chain.cloud.ask({"run": run, "expected": count, "within_s": WITHIN_SECONDS}))


def _cpu_ms(chain: Chain) -> tuple[float, float, float]:
    return chain.camera.cpu_s() * 1e3, chain.detector.cpu_s() * 1e3, chain.hub.cpu_s() * 1e3


def _share(tally: Tally, share: float) -> float:
    of = tally.latencies_ns
    return of[max(0, math.ceil(len(of) * share) - 1)] / 1e6 if of else math.inf
