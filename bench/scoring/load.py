"""Load from wrk (https://github.com/wg/wrk) on a core of its own, with every answer compared."""

from __future__ import annotations

import json
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.machine import BenchError, cores
from bench.scoring.environments import LOCAL
from bench.scoring.process import Running
from bench.scoring.servers import OURS
from bench.scoring.workloads import Workload

SCRIPT = Path(__file__).resolve().parent / "load.lua"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    requests_per_s: float
    cpu_us: float
    """Of the server's whole process tree, for one request."""
    p50_us: float
    p99_us: float
    load_busy: float
    """How much of its core wrk used: near 1 the load, not the server, was the limit."""
    requests: int
    failed: int
    """Requests that were refused (not 200) or whose connection broke; ours may have none."""


def measure(running: Running, workload: Workload, *, connections: int, seconds: int) -> Measured:
    folder = LOCAL / "requests"
    folder.mkdir(parents=True, exist_ok=True)
    for index, request in enumerate(workload.requests, 1):
        (folder / f"request-{index}").write_bytes(running.server.body(request))
        (folder / f"answer-{index}").write_bytes(running.ask(workload, request))
    cpu, own, began = running.cpu_s(), _children_cpu_s(), time.perf_counter()
    result = _wrk(running, workload, folder, connections=connections, seconds=seconds)
    wall = time.perf_counter() - began
    cpu, own = running.cpu_s() - cpu, _children_cpu_s() - own
    if result["wrong"]:
        raise BenchError(f"{running.server.name}, {workload.name}: {result['wrong']} of {result['requests']} wrong")
    failed = int(result["refused"] + result["broken"])
    if failed and running.server.name == OURS:
        raise BenchError(f"{OURS}, {workload.name}: {failed} of {result['requests']} refused or broken")
    if not result["requests"]:
        raise BenchError(f"{running.server.name}, {workload.name}: no request was answered in {seconds} s")
    return Measured(
        requests_per_s=result["requests"] / result["seconds"],
        cpu_us=cpu / result["requests"] * 1e6,
        p50_us=result["p50_us"],
        p99_us=result["p99_us"],
        load_busy=own / wall,
        requests=int(result["requests"]),
        failed=failed,
    )


def _wrk(running: Running, workload: Workload, folder: Path, *, connections: int, seconds: int) -> dict[str, float]:
    url = f"http://127.0.0.1:{running.port}{running.server.path}"
    command = [
        *("taskset", "-c", str(cores()[1]), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"),
        *("-s", str(SCRIPT), url, "--", str(folder), str(len(workload.requests))),
        *(workload.content_type, running.server.key),
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in output.stdout.splitlines() if line.startswith("{")]
    if output.returncode != 0 or not lines:
        raise BenchError(f"wrk failed ({output.returncode}): {output.stdout[-500:]}{output.stderr[-500:]}")
    result: dict[str, float] = json.loads(lines[-1])
    return result


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
