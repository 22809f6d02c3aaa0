"""Steps of the program and its provider, as processes of their own: the command line imports neither."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from cli.errors import Failed
from clone.root import ROOT


def answer_of(module: str, given: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
    """The JSON object that `python -m <module>` answers to another; a password comes by stdin only. Raises Failed."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(given),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{module} did not end within {limit_s:.0f} s") from None
    try:
        answer = json.loads(child.stdout)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    last = (child.stderr.strip().splitlines() or ["no word"])[-1]
    raise Failed(f"{module} ended early, with exit code {child.returncode}: {last[:400]}")
