"""How much of a request is outside `session.run`: `python -m bench.vision.outside ARTIFACT BODY TYPE ROUNDS TIMES`.

Run in the image's environment, in one process without a socket: parsing the body, decoding and scaling the picture,
typing, and writing the answer. Prints, of each round, the medians of what was inside and outside, in microseconds.
"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnxruntime

from images.scoring.process.settings import Settings
from images.scoring.request import Request
from images.scoring.service.service import load_service

_run = onnxruntime.InferenceSession.run
_inside: list[float] = []


def _timed(*given: Any, **named: Any) -> Any:
    began = time.perf_counter()
    try:
        return _run(*given, **named)
    finally:
        _inside.append((time.perf_counter() - began) * 1e6)


def main(argv: Sequence[str]) -> int:
    artifact, body, media_type, rounds, times = argv
    onnxruntime.InferenceSession.run = _timed
    service = load_service(Path(artifact), Settings().runs)
    request = Request(Path(body).read_bytes(), headers={b"content-type": media_type.encode()})
    measured = [_round(service, request, int(times)) for _ in range(int(rounds) + 1)]
    print(json.dumps(measured[1:]))  # the first one warms up
    return 0


def _round(service: Any, request: Request, times: int) -> dict[str, float]:
    inside, outside = [], []
    for _ in range(times):
        _inside.clear()
        began = time.perf_counter()
        service.score(request)
        whole = (time.perf_counter() - began) * 1e6
        inside.append(sum(_inside))
        outside.append(whole - sum(_inside))
    return {"inside_us": statistics.median(inside), "outside_us": statistics.median(outside)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
