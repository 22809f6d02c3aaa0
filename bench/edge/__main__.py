"""`make bench-edge`: messages over two hops of the edge hub, beside an MQTT broker that is not ours."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import signal
import sys
from collections.abc import Sequence

from bench import machine
from bench.edge import report, rounds
from bench.edge.ways import NAMES
from bench.machine import BenchError


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    if shutil.which("taskset") is None:
        print("error: taskset is missing; install the Debian package util-linux", file=sys.stderr)
        return 2
    size = rounds.QUICK if arguments.quick else rounds.FULL
    if arguments.rounds:
        size = dataclasses.replace(size, rounds=arguments.rounds)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # else the servers would live on
    try:
        machine.cores()
        results = rounds.run(arguments.only or NAMES, size, tell=_tell)
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        document = {"machine": machine.described(), **dataclasses.asdict(size), **report.document(results)}
        print(json.dumps(document, indent=1))
    else:
        print("\n".join(report.text(results)))
    return 1 if any(goal.measure == report.LOST and not goal.met for goal in report.goals(results)) else 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.edge", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{rounds.QUICK.rounds} short rounds")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"default {rounds.FULL.rounds}")
    parser.add_argument("--only", action="append", choices=NAMES, help="may be repeated")
    parser.add_argument("--json", action="store_true", help="everything, on stdout")
    return parser


if __name__ == "__main__":
    sys.exit(main())
