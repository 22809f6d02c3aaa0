"""Runs a program as a child: streams its lines to the resource's row, and ends it with the operation.

The child sees neither Azure's credentials nor the stand-in's proxy: training knows no cloud.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from clone.children import bare_environment, bound
from cloud.wording import one_line
from infra.provider.full_disk import disk_full, says_full
from infra.provider.progress import Progress
from pluginbase.resource import Cancelled, OperationContext, ProviderError

_LAST_LINES = 15
_TERM_SECONDS = 5.0


def run_child(
    ctx: OperationContext, command: Sequence[str], *, cwd: Path, what: str, environment: Mapping[str, str] | None = None
) -> None:
    """Lines go to the resource's row; a failure shows the last of them."""
    child = subprocess.Popen(
        bound(command),
        cwd=cwd,
        env=child_environment(cwd) if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # a group of its own: a Ctrl-C in the terminal is the engine's to hand on
        start_new_session=True,
    )
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pump, args=(child.stdout, lines), daemon=True).start()
    last: list[str] = []
    try:
        _follow(ctx, lines, last)
        code = child.wait()
    except BaseException:
        _end(child)
        raise
    if code != 0:
        if full := next(filter(says_full, reversed(last)), None):
            raise disk_full(f"the {what}", full)
        raise ProviderError(f"{what} failed (exit {code}):\n" + "\n".join(last[-_LAST_LINES:]))


def child_environment(root: Path) -> dict[str, str]:
    """Everything else of this process' (credentials, proxies) stays here. Frameworks keep files in HOME."""
    return {**bare_environment(root, "HOME", "VIRTUAL_ENV"), "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "0"}


def _follow(ctx: OperationContext, lines: queue.Queue[str | None], last: list[str]) -> None:
    progress = Progress(ctx)
    while True:
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            ctx.wait(0)
            if ctx.cancelled.is_set():
                raise Cancelled("cancelled") from None
            continue
        if line is None:
            return
        if line.strip():
            last.append(line.rstrip())
            del last[:-_LAST_LINES]
            progress.tell(one_line(line, 200))


def _pump(stream: IO[str] | None, lines: queue.Queue[str | None]) -> None:
    if stream is not None:
        for line in stream:
            lines.put(line)
        stream.close()
    lines.put(None)


def _end(child: subprocess.Popen[str]) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        os.killpg(child.pid, kind)
        try:
            child.wait(_TERM_SECONDS)
        except subprocess.TimeoutExpired:
            continue
