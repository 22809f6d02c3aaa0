"""`make soak`: steady load, then broken requests, then an outside judge of the contract.

Fails where memory grows, an answer is wrong, or nobody answers.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import statistics
import sys
from collections.abc import Sequence

from bench.machine import BenchError
from bench.scoring import models, workloads
from bench.scoring.load import measure
from bench.scoring.models import Model
from bench.scoring.process import Running, running
from bench.scoring.servers import KEY, OURS, Launch, Server, every_server
from bench.soak.cases import Maker
from bench.soak.contract import judged
from bench.soak.fuzz import Outcome, fuzz

MINUTES, CASES = 30, 10_000
GROWTH_BYTES = 2 * 1000 * 1000
# Bodies of a megabyte come and go all the time there, which moves even the mean by half of this.
FUZZED_GROWTH_BYTES = 4 * 1000 * 1000
CHUNK_SECONDS = 60
CONNECTIONS = 16
BATCHES = 40
SHOWN_PROBLEMS = 10


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=MINUTES, help=f"of steady load (default {MINUTES}; 0: none)")
    parser.add_argument("--cases", type=int, default=CASES, help=f"broken requests (default {CASES}; 0: none)")
    parser.add_argument("--seed", type=int, default=0, help="of the first broken request")
    arguments = parser.parse_args(argv)
    server = next(server for server in every_server() if server.name == OURS)
    server.environment.make()
    model = models.make(models.ANOMALY)
    try:
        problems = [
            *(steady(server, model, arguments.minutes) if arguments.minutes else []),
            *(broken(server, model, arguments.cases, arguments.seed) if arguments.cases else []),
            *(described(server, model, arguments.seed) if arguments.cases else []),
        ]
    except BenchError as error:
        problems = [str(error)]
    for problem in problems[:SHOWN_PROBLEMS]:
        print(f"error: {problem}", file=sys.stderr)
    if len(problems) > SHOWN_PROBLEMS:
        print(f"error: and {len(problems) - SHOWN_PROBLEMS} more", file=sys.stderr)
    return 1 if problems else 0


def steady(server: Server, model: Model, minutes: int) -> list[str]:
    asked = workloads.of(model)
    with running(server, model, asked[0]) as one:
        sizes = []
        for minute in range(1, minutes + 1):
            # small and large requests in turn: what they leave in memory differs
            workload = asked[minute % 2]
            measured = measure(one, workload, connections=CONNECTIONS, seconds=CHUNK_SECONDS)
            sizes.append(one.rss_bytes())
            print(
                f"minute {minute}: {measured.requests:,} requests of {workload.name}, "
                f"p99 {measured.p99_us / 1000:.2f} ms, memory {sizes[-1] / 1e6:.2f} MB",
                flush=True,
            )
    growth = grown(sizes)
    print(f"{minutes} minutes of load: memory grew by {growth / 1e6:.2f} MB, allowed are {GROWTH_BYTES / 1e6:.0f}")
    return [f"memory grew by {growth / 1e6:.2f} MB in {minutes} minutes"] if growth > GROWTH_BYTES else []


def broken(server: Server, model: Model, cases: int, seed: int) -> list[str]:
    workload = workloads.of(model)[0]
    maker = Maker(body=workload.requests[0].body, key=KEY)
    outcome = Outcome()
    with running(_impatient(server), model, workload) as one:
        sizes = []
        for first in range(0, cases, max(1, cases // BATCHES)):
            count = min(max(1, cases // BATCHES), cases - first)
            asyncio.run(fuzz(maker, one.port, first=seed + first, count=count, outcome=outcome))
            sizes.append(one.rss_bytes())
        growth = grown(sizes)
        problems = [*outcome.problems, *_still_right(one, workload)]
    told = ", ".join(f"{status}: {count}" for status, count in sorted(outcome.statuses.items()))
    print(f"{cases:,} broken requests: {told}; memory grew by {growth / 1e6:.2f} MB")
    if growth > FUZZED_GROWTH_BYTES:
        problems.append(f"memory grew by {growth / 1e6:.2f} MB over {cases:,} broken requests")
    return problems


def described(server: Server, model: Model, seed: int) -> list[str]:
    workload = workloads.of(model)[0]
    with running(server, model, workload) as one:
        before = one.rss_bytes()
        problems = judged(one, seed=seed)
        growth = one.rss_bytes() - before
        print(f"memory grew by {growth / 1e6:.2f} MB", flush=True)
        return [*problems, *_still_right(one, workload)]


def grown(sizes: Sequence[int]) -> int:
    """From the mean of the second quarter to that of the last: in the first, arenas and caches still fill."""
    quarter = len(sizes) // 4
    if quarter == 0:
        return sizes[-1] - sizes[0]
    return round(statistics.mean(sizes[-quarter:]) - statistics.mean(sizes[quarter : 2 * quarter]))


def _still_right(one: Running, workload: workloads.Workload) -> list[str]:
    if (code := one.process.poll()) is not None:
        return [f"the server ended with {code}: {one.last_lines()}"]
    for request in workload.requests:
        one.ask(workload, request)
    return []


def _impatient(server: Server) -> Server:
    """Times out in a second what would wait for ten, so that thousands of unfinished requests end in time."""

    def launch(model: Model, port: int) -> Launch:
        made = server.launch(model, port)
        return dataclasses.replace(made, variables={**made.variables, "SCORING_REQUEST_TIMEOUT_MS": "1000"})

    return dataclasses.replace(server, launch=launch)


if __name__ == "__main__":
    sys.exit(main())
