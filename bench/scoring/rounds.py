"""The measurement: rounds in which every server is asked every workload in turn, so that drift hits all alike."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.machine import BenchError, Busy
from bench.scoring import workloads
from bench.scoring.load import Measured, measure
from bench.scoring.models import Model
from bench.scoring.process import Running, running
from bench.scoring.servers import Server

CONNECTIONS = (16, 1)
WARM_UP_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Started:
    cold_start_s: float
    rss_bytes: int
    """After the load."""


@dataclass(slots=True)
class Results:
    loads: dict[tuple[str, str, int], list[Measured]] = field(default_factory=lambda: defaultdict(list))
    """(server, workload, connections) -> one a round."""
    starts: dict[tuple[str, str], list[Started]] = field(default_factory=lambda: defaultdict(list))
    """(server, model) -> one a round."""
    not_served: dict[tuple[str, str], str] = field(default_factory=dict)
    """(server, workload) -> why."""
    site_packages_bytes: dict[tuple[str, str], int] = field(default_factory=dict)
    """(server, model)."""
    others_busy: float = 0.0
    """Share of the machine that others used meanwhile."""


def run(
    servers: Sequence[Server], models: Sequence[Model], *, rounds: int, seconds: int, tell: Callable[[str], None]
) -> Results:
    results = Results()
    for server in servers:
        size = server.environment.site_packages_bytes()
        results.site_packages_bytes |= {(server.name, model): size for model in server.models}
    busy = Busy()
    for number in range(1, rounds + 1):
        for model in models:
            tell(f"round {number} of {rounds}: {model.name}")
            _round([server for server in servers if model.name in server.models], model, seconds, results)
    results.others_busy = busy.of_others()
    return results


def _round(servers: Sequence[Server], model: Model, seconds: int, results: Results) -> None:
    asked = workloads.of(model)
    with contextlib.ExitStack() as stack:
        up = [stack.enter_context(running(server, model, asked[0])) for server in servers]
        served = [(one, workload) for workload in asked for one in up if _serves(one, workload, results)]
        for one, workload in served:
            measure(one, workload, connections=CONNECTIONS[0], seconds=WARM_UP_SECONDS)
        for connections in CONNECTIONS:
            for one, workload in served:
                measured = measure(one, workload, connections=connections, seconds=seconds)
                results.loads[one.server.name, workload.name, connections].append(measured)
        for one in up:
            started = Started(cold_start_s=one.cold_start_s, rss_bytes=one.rss_bytes())
            results.starts[one.server.name, model.name].append(started)


def _serves(one: Running, workload: workloads.Workload, results: Results) -> bool:
    """A body that a server does not take at all is told in the report; a wrong answer ends the run."""
    if not one.server.serves(workload):
        return False
    try:
        one.ask(workload, workload.requests[0])
    except BenchError as error:
        if " answered 4" not in str(error):
            raise
        results.not_served[one.server.name, workload.name] = str(error)
        return False
    return True
