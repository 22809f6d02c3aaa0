"""`make bench-vision`: what is around the networks that see, beside torch under Azure ML's server, behind a camera."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from bench import machine
from bench.machine import BenchError
from bench.scoring.environments import LOCAL, ROOT
from bench.vision import agreement, beside, detecting, networks, pictures, report
from bench.vision.camera import rounds as camera
from bench.vision.networks import CIFAR, FP32, INT8, MASKRCNN, PEOPLE
from contracts.card import Body

ROUNDS = 5
TIMES = {FP32: 10, INT8: 20, CIFAR: 300, MASKRCNN: 2, PEOPLE: 100}
"""Requests of a round."""
OUTSIDE, BESIDE, DETECTING, AGREEMENT = OF_TORCH = ("outside", "beside", "detecting", "agreement")
CAPTURE, MEMORY = OF_CAMERA = ("capture", "memory")
PARTS = (*OF_TORCH, *OF_CAMERA)
NEEDED = {
    OUTSIDE: tuple(TIMES),
    BESIDE: (FP32, INT8),
    DETECTING: (MASKRCNN,),
    AGREEMENT: (MASKRCNN,),
    CAPTURE: (PEOPLE,),
    MEMORY: (PEOPLE,),
}


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    if shutil.which("taskset") is None:
        print("error: taskset is missing; install the Debian package util-linux", file=sys.stderr)
        return 2
    try:
        results = run(arguments.only or PARTS, arguments.rounds)
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"machine": machine.described(), **report.document(results)}, indent=1))
    else:
        print("\n".join(report.text(results)))
    return 0


def run(parts: Sequence[str], rounds: int) -> report.Results:
    results = report.Results()
    if any(part in OF_TORCH for part in parts):
        networks.torch_environment().make()
    for name in dict.fromkeys(name for part in parts for name in NEEDED[part]):
        networks.image_environment(name.partition(" ")[0]).make()
        networks.artifact(name)
    busy = machine.Busy()
    if OUTSIDE in parts:
        for name in TIMES:
            _tell(f"outside session.run: {name}")
            results.outside[name] = _outside(name, rounds)
    if BESIDE in parts:
        for server, _ in beside.servers():
            results.site_packages_bytes[server.name] = server.environment.site_packages_bytes()
        for number in range(1, rounds + 1):
            _tell(f"round {number} of {rounds}: {', '.join(beside.SERVERS)}")
            results.beside.append(beside.one_round())
    if DETECTING in parts:
        for number in range(1, rounds + 1):
            _tell(f"round {number} of {rounds}: {', '.join(detecting.ASKED)}")
            results.detecting.append(detecting.one_round())
    _of_camera(parts, rounds, results)
    if AGREEMENT in parts:
        _tell(f"agreement with torchvision: {len(agreement.SIZES)} pictures")
        results.agreements = agreement.agreements()
    results.others_busy = busy.of_others()
    return results


def _of_camera(parts: Sequence[str], rounds: int, results: report.Results) -> None:
    if CAPTURE in parts:
        _tell(f"from a frame to the hub: {rounds} rounds")
        results.captured.extend(camera.rounds(rounds))
    if MEMORY in parts:
        _tell(f"memory over {camera.FRAMES} frames")
        results.memory = camera.memory()


def _outside(name: str, rounds: int) -> Any:
    body, file = _body(name), LOCAL / "vision" / "body"
    file.write_bytes(body.content)
    python = networks.image_environment(name.partition(" ")[0]).python
    words = (str(networks.artifact(name)), str(file), body.media_type, str(rounds), str(TIMES[name]))
    ended = subprocess.run(
        ["taskset", "-c", str(machine.cores()[0]), str(python), "-m", "bench.vision.outside", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise BenchError(f"{name} was not measured: {ended.stderr[-2000:]}")
    return json.loads(ended.stdout.splitlines()[-1])


def _body(name: str) -> Body:
    if name == CIFAR:
        return pictures.as_base64(pictures.photograph((32, 32), "PNG"))
    photograph = pictures.photograph(pictures.CAMERA, "JPEG")
    return Body("image/jpeg", photograph) if name == PEOPLE else pictures.as_form(photograph, "JPEG")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.vision", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"default {ROUNDS}")
    parser.add_argument("--only", action="append", choices=PARTS, help="may be repeated")
    parser.add_argument("--json", action="store_true", help="everything, on stdout")
    return parser


if __name__ == "__main__":
    sys.exit(main())
