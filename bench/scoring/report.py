"""What was measured, as ratios first: against the targets, then server by server, then in full as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bench.scoring.load import Measured
from bench.scoring.models import ANOMALY, MNIST
from bench.scoring.rounds import CONNECTIONS, Results
from bench.scoring.servers import AZURE_ML, AZURE_ML_PREDICT, BARE, BARE_ASGI, FASTAPI, MLSERVER, OURS

ONE_ROW, DIGITS, DIGITS_RAW = "anomaly, 1 row", "digits, JSON", "digits, raw bytes"
ORDER = (AZURE_ML, AZURE_ML_PREDICT, MLSERVER, FASTAPI, OURS, BARE_ASGI, BARE)
NOISY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Ours over an anchor's, round by round: the median and its range."""

    measure: str
    anchor: str
    better: Literal["higher", "lower"]
    median: float
    low: float
    high: float
    floor: float
    goal: float
    stretch: float

    @property
    def verdict(self) -> str:
        for name, bound in (("stretch", self.stretch), ("goal", self.goal), ("floor", self.floor)):
            if self.median >= bound if self.better == "higher" else self.median <= bound:
                return name
        return "MISSED"


def ratios(results: Results) -> list[Ratio]:
    """The targets of the scoring service; only those for which both sides were measured."""
    compared = [
        _load(results, "requests/s", ONE_ROW, AZURE_ML, "requests_per_s", (12, 17, 30)),
        _load(results, "requests/s", ONE_ROW, FASTAPI, "requests_per_s", (4, 6, 10)),
        _load(results, "CPU per request", ONE_ROW, AZURE_ML, "cpu_us", (1 / 14, 1 / 16, 1 / 28)),
        _load(results, "p99, 16 connections", ONE_ROW, AZURE_ML, "p99_us", (1 / 12, 1 / 14, 1 / 20)),
        _start(results, "cold start", "cold_start_s", (1 / 4, 1 / 5, 1 / 9)),
        _start(results, "memory after load (RSS)", "rss_bytes", (0.4, 0.37, 0.35)),
        _site_packages(results),
        _load(results, "requests/s, digits as JSON", DIGITS, AZURE_ML, "requests_per_s", (25, 30, 40)),
    ]
    return [ratio for ratio in compared if ratio is not None]


def _load(
    results: Results, what: str, workload: str, anchor: str, name: str, bounds: tuple[float, float, float]
) -> Ratio | None:
    ours, theirs = (results.loads.get((server, workload, CONNECTIONS[0]), []) for server in (OURS, anchor))
    values = [getattr(one, name) / getattr(other, name) for one, other in zip(ours, theirs, strict=False)]
    return _ratio(what, anchor, values, bounds)


def _start(results: Results, what: str, name: str, bounds: tuple[float, float, float]) -> Ratio | None:
    ours, theirs = (results.starts.get((server, ANOMALY), []) for server in (OURS, AZURE_ML))
    values = [getattr(one, name) / getattr(other, name) for one, other in zip(ours, theirs, strict=False)]
    return _ratio(what, AZURE_ML, values, bounds)


def _site_packages(results: Results) -> Ratio | None:
    sizes = results.site_packages_bytes
    ours, theirs = sizes.get((OURS, ANOMALY)), sizes.get((AZURE_ML, ANOMALY))
    values = [ours / theirs] if ours and theirs else []
    return _ratio("site-packages", AZURE_ML, values, (0.52, 0.5, 0.5))


def _ratio(what: str, anchor: str, values: Sequence[float], bounds: tuple[float, float, float]) -> Ratio | None:
    if not values:
        return None
    floor, goal, stretch = bounds
    return Ratio(
        measure=what,
        anchor=anchor,
        better="higher" if stretch > floor else "lower",
        median=statistics.median(values),
        low=min(values),
        high=max(values),
        floor=floor,
        goal=goal,
        stretch=stretch,
    )


def text(results: Results) -> Iterator[str]:
    yield from _targets(results)
    for workload in _workloads(results):
        yield from _workload(results, workload)
    yield from _sizes(results)
    for (server, workload, connections), measured in results.loads.items():
        if failed := sum(one.failed for one in measured):
            total = sum(one.requests for one in measured)
            yield f"failed: {failed} of {total} requests of {workload} at {connections} connections by {server}"
    for (server, workload), why in results.not_served.items():
        yield f"not served: {workload} by {server}: {why}"
    if results.others_busy > NOISY:
        yield (
            f"noisy: others used {results.others_busy:.0%} of the two cores meanwhile; "
            "CPU per request is then the steadiest figure, p99 the least"
        )


def _targets(results: Results) -> Iterator[str]:
    yield f"{'ours over the anchor':<28}{'anchor':<12}{'ratio':>8}  {'range':<16}{'floor':>7}{'goal':>7}{'stretch':>9}"
    for ratio in ratios(results):
        span = f"{shown(ratio.low)}..{shown(ratio.high)}"
        yield (
            f"{ratio.measure:<28}{ratio.anchor:<12}{shown(ratio.median):>8}  {span:<16}"
            f"{shown(ratio.floor):>7}{shown(ratio.goal):>7}{shown(ratio.stretch):>9}  {ratio.verdict}"
        )


def shown(ratio: float) -> str:
    """17x, .37 or 1/14, as the targets are written."""
    if ratio >= 1:
        return f"{ratio:.1f}x"
    return f"1/{1 / ratio:.1f}" if ratio < 0.3 else f"{ratio:.2f}"


def _workloads(results: Results) -> list[str]:
    return list(dict.fromkeys(workload for _, workload, _ in results.loads))


def _workload(results: Results, workload: str) -> Iterator[str]:
    base = results.loads.get((AZURE_ML, workload, CONNECTIONS[0]))
    yield ""
    yield (
        f"{workload:<22}{'x azmlinfsrv':>13}{'requests/s':>12}{'CPU us':>9}"
        f"{'p50 us, 16':>12}{'p99 us, 16':>12}{'p50 us, 1':>11}{'p99 us, 1':>11}{'wrk busy':>10}"
    )
    for server in ORDER:
        many, one = (results.loads.get((server, workload, connections)) for connections in CONNECTIONS)
        if not many or not one:
            continue
        rate = median(many, "requests_per_s")
        ratio = "" if not base else f"{rate / median(base, 'requests_per_s'):.1f}"
        latency = (median(measured, name) for measured in (many, one) for name in ("p50_us", "p99_us"))
        yield (
            f"  {server:<20}{ratio:>13}{rate:>12,.0f}{median(many, 'cpu_us'):>9,.1f}"
            + "".join(f"{value:>{width},.0f}" for value, width in zip(latency, (12, 12, 11, 11), strict=True))
            + f"{median(many, 'load_busy'):>10.0%}"
        )


def median(measured: Sequence[Measured], name: str) -> float:
    values: list[float] = [getattr(one, name) for one in measured]
    return statistics.median(values)


def _sizes(results: Results) -> Iterator[str]:
    yield ""
    yield f"{'started':<24}{'model':<13}{'cold start s':>13}{'RSS MB':>9}{'site-packages MB':>18}"
    for server in ORDER:
        for model in (ANOMALY, MNIST):
            if starts := results.starts.get((server, model)):
                cold = statistics.median(start.cold_start_s for start in starts)
                rss = statistics.median(start.rss_bytes for start in starts) / 1e6
                size = results.site_packages_bytes[server, model] / 1e6
                yield f"  {server:<22}{model:<13}{cold:>13.2f}{rss:>9.0f}{size:>18.0f}"


def document(results: Results) -> dict[str, Any]:
    return {
        "ratios": [{**asdict(ratio), "verdict": ratio.verdict} for ratio in ratios(results)],
        "loads": [
            {
                "server": server,
                "workload": workload,
                "connections": connections,
                "rounds": [asdict(one) for one in measured],
            }
            for (server, workload, connections), measured in results.loads.items()
        ],
        "starts": [
            {"server": server, "model": model, "rounds": [asdict(one) for one in starts]}
            for (server, model), starts in results.starts.items()
        ],
        "site_packages": [
            {"server": server, "model": model, "bytes": size}
            for (server, model), size in results.site_packages_bytes.items()
        ],
        "not_served": [
            {"server": server, "workload": workload, "why": why}
            for (server, workload), why in results.not_served.items()
        ],
        "others_busy": round(results.others_busy, 3),
    }
