"""`make bench-scoring`: our scoring server beside the official one, FastAPI and MLServer, as ratios.

A full run writes docs/scoring.json and docs/scoring.png; a quick or partial one writes them under .local/bench/.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import machine
from bench.machine import BenchError, cores
from bench.scoring import environments, models, report, rounds, workloads
from bench.scoring.environments import LOCAL, ROOT
from bench.scoring.profile import Part, profile
from bench.scoring.servers import BARE, OURS, Server, every_server

ROUNDS, SECONDS = 5, 3
QUICK_ROUNDS, QUICK_SECONDS = 1, 1
PROFILE_SECONDS = 5


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    for tool, package in (("wrk", "wrk"), ("taskset", "util-linux")):
        if shutil.which(tool) is None:
            print(f"error: {tool} is missing; install the Debian package {package}", file=sys.stderr)
            return 2
    try:
        cores()
        return bench(arguments)
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def bench(arguments: argparse.Namespace) -> int:
    servers = [server for server in every_server() if not arguments.only or server.name in arguments.only]
    if not servers:
        print(f"error: --only names none of {', '.join(names())}", file=sys.stderr)
        return 2
    for server in servers:
        server.environment.make()
    served = dict.fromkeys(model for server in servers for model in server.models)
    made = [models.make(name) for name in served if not arguments.model or name == arguments.model]
    count = arguments.rounds or (QUICK_ROUNDS if arguments.quick else ROUNDS)
    seconds = arguments.seconds or (QUICK_SECONDS if arguments.quick else SECONDS)
    results = rounds.run(servers, made, rounds=count, seconds=seconds, tell=_tell)
    parts = {} if arguments.no_profile else _profiles(servers, made, quick=arguments.quick)
    print("\n".join([*report.text(results), *_price(parts)]))
    partial = bool(arguments.quick or arguments.only or arguments.model)
    _write(
        {
            "machine": machine.described(),
            "rounds": count,
            "seconds": seconds,
            **report.document(results),
            "profile": {
                what: [{"part": p.name, "cpu_us": round(p.cpu_us, 2)} for p in of] for what, of in parts.items()
            },
        },
        arguments.out or (LOCAL if partial else ROOT / "docs"),
    )
    return 0


def names() -> list[str]:
    return list(dict.fromkeys(server.name for server in every_server()))


def _profiles(servers: Sequence[Server], made: Sequence[models.Model], *, quick: bool) -> dict[str, list[Part]]:
    """Of our server under every workload, and of the bare loop under the smallest, where features weigh most."""
    profiles = {}
    for model in made:
        smallest, *others = workloads.of(model)
        for server in (server for server in servers if model.name in server.models):
            asked = {OURS: [smallest] if quick else [smallest, *others], BARE: [smallest]}.get(server.name, [])
            for workload in asked:
                _tell(f"profile: {server.name}, {workload.name}")
                profiles[f"{server.name}, {workload.name}"] = profile(server, model, workload, seconds=PROFILE_SECONDS)
    return profiles


def _price(parts: dict[str, list[Part]]) -> list[str]:
    lines = []
    for what, of in parts.items():
        lines += ["", f"{what}: {sum(part.cpu_us for part in of):.1f} us of CPU a request, of which"]
        lines += [f"  {part.cpu_us:>6.1f}  {part.share:>4.0%}  {part.name}" for part in of if part.share >= 0.005]
    return lines


def _write(document: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    results, chart = folder / "scoring.json", folder / "scoring.png"
    results.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    drawing = environments.anchor("chart")
    drawing.make()
    script = Path(__file__).resolve().parent / "chart.py"
    environment = {**os.environ, "MPLCONFIGDIR": str(LOCAL / "matplotlib")}
    drawn = subprocess.run([str(drawing.python), str(script), str(results), str(chart)], env=environment, check=False)
    if drawn.returncode != 0:
        raise BenchError("the chart was not drawn")
    print(f"\nwritten: {results}, {chart}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.scoring", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} round of {QUICK_SECONDS} s a measurement")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"default {ROUNDS}")
    parser.add_argument("--seconds", type=int, metavar="S", help=f"of one measurement, default {SECONDS}")
    parser.add_argument("--only", action="append", metavar="SERVER", help=f"of: {', '.join(names())}; may be repeated")
    parser.add_argument("--model", choices=(models.ANOMALY, models.MNIST))
    parser.add_argument("--out", type=Path, metavar="DIR", help="for scoring.json and scoring.png")
    parser.add_argument("--no-profile", action="store_true", help="do not sample where our time goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
