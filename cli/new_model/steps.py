"""A step of making a model as a process of its own: the file that it opens is untrusted.

It has a deadline, a limit of memory, and nothing of this process' environment but what finds programs; and it ends with
this process, however that ends. models/new/__main__.py has the words.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import Failed, Refused
from clone.children import bare_environment, bound
from clone.root import ROOT
from cloud.wording import one_line

_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    memory_gib: int
    """Of address space, which is more than what is used: libraries reserve."""
    seconds: float


ORDINARY = Limits(memory_gib=6, seconds=120)
KERAS = Limits(memory_gib=24, seconds=600)


def step(
    *words: str,
    what: str,
    given: Any = None,
    python: Path | None = None,
    module: str = "models.new",
    limits: Limits = ORDINARY,
    root: Path = ROOT,
) -> dict[str, Any]:
    """What the step answers. Raises Refused with its reason, Failed where it died or took too long."""
    command = bound([str(python or sys.executable), "-m", module, *words])
    environment = {**bare_environment(root), "EDGEWAY_MEMORY_LIMIT_BYTES": str(limits.memory_gib * _GIB)}
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as child:
        try:
            out, errors = child.communicate(json.dumps(given), timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{what} took longer than {limits.seconds:g} s and was ended") from None
        finally:
            _end(child)
    return _answer(what, limits, child.returncode, out, errors)


def _answer(what: str, limits: Limits, code: int, out: str, errors: str) -> dict[str, Any]:
    if code in (0, 2):
        try:
            answer = json.loads((out.splitlines() or [""])[-1])
        except (ValueError, RecursionError):
            answer = None
        # code in the file may end the process as if it were done
        if not isinstance(answer, dict) or (code == 2) != ("refused" in answer):
            raise Failed(f"{what} ended early, with exit code {code} and without an answer")
        if code == 2:
            raise Refused(answer["refused"])
        return answer
    last = next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "")
    if code < 0 or "MemoryError" in last or "bad_alloc" in last or "Failed to allocate" in errors:
        how = f"ended by {_signal(-code)}" if code < 0 else one_line(last, 200)
        raise Failed(f"{what} died ({how}): it may use {limits.memory_gib} GiB of memory")
    raise Failed(f"{what} failed: {one_line(last, 400) or f'exit {code}'}")


def _signal(number: int) -> str:
    """A real-time signal has no name."""
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _end(child: subprocess.Popen[str]) -> None:
    """With all that it has started, which may be there when it is not."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
