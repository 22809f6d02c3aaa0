"""`python -m images.scoring --check`: loads the artifact as a server would, and asks it every golden example.

It opens no port and reads no secret, and a child process does it, which is ended where it does not end (watched.py).
What it found is one JSON object, all that is ever on the standard output; what the script prints goes to the error
output. Exit code 0 where a server would become ready and answer in time, else 1, or what a script ended the child with.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
import traceback
from pathlib import Path

import msgspec

from contracts.card import ENTRY_SCRIPT, Golden
from images.scoring.errors import StartError
from images.scoring.model.script_faults import from_script_on, last_lines, lines_of, summary
from images.scoring.process.settings import Settings
from images.scoring.process.watched import Ended, run_watched
from images.scoring.service.golden import as_served, check_example
from images.scoring.service.service import Service, load_service

EXIT_PASSED, EXIT_REFUSED = 0, 1
_GRACE_SECONDS = 1.0
"""For a check to end at its own deadline."""


class Verdict(msgspec.Struct, rename="camel", omit_defaults=True):
    """What is printed."""

    passed: bool
    reason: str = ""
    """Why not: a line, and where the entry script is at fault its lines."""
    examples: int = 0
    start_seconds: float = 0.0
    """From the process' start until every golden example was answered."""
    latency_ms: float = 0.0
    """Of the slowest golden example."""
    memory_mb: float = 0.0
    """The most that this process held, in MiB."""
    device: str = ""
    """What it was asked on, where the image has more than the CPU."""


class Check:
    """One check. What it is about is kept, so that a check which hangs can say where."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._script = settings.artifact / ENTRY_SCRIPT
        self._doing = f"loading {ENTRY_SCRIPT}"

    def verdict(self) -> Verdict:
        """On the main thread, as a server does it."""
        try:
            return self._passed()
        except StartError as error:
            return Verdict(passed=False, reason=error.in_full)
        except BaseException as error:
            reason = f"{self._doing} failed: {summary(error, self._script)}\n{last_lines(error, self._script)}"
            return Verdict(passed=False, reason=reason.rstrip())

    def _passed(self) -> Verdict:
        service = load_service(self._settings.artifact, self._settings.runs)
        examples = service.card.golden
        latencies = as_served(service, lambda: [self._latency_ms(service, example) for example in examples])
        return Verdict(
            passed=True,
            examples=len(latencies),
            start_seconds=round(seconds_since_start(), 2),
            latency_ms=round(max(latencies, default=0.0), 3),
            memory_mb=round(peak_memory_mb(), 1),
            device=service.device if service.device_chosen else "",
        )

    def _latency_ms(self, service: Service, example: Golden) -> float:
        """Raises StartError over the limit of a body, or of a `run`. The first example is asked twice, and so is one
        that was too slow: a first answer may load what later ones have."""
        self._doing, limit = f"golden example {example.name!r}", self._settings.run_timeout_ms
        if (size := len(example.request.content)) > self._settings.max_body_bytes:
            raise StartError(f"{self._doing} has {size} bytes; {self._settings.max_body_bytes} are allowed of a body")
        took_ms = check_example(service, example, self._script)
        if took_ms > limit or example is service.card.golden[0]:
            took_ms = check_example(service, example, self._script)
        if took_ms > limit:
            raise StartError(f"{self._doing} is answered after {took_ms:.0f} ms; {limit} ms are allowed")
        return took_ms

    def hangs(self) -> str:
        """Where it is; from another thread."""
        frame = sys._current_frames().get(threading.main_thread().ident or 0)
        frames = from_script_on(traceback.extract_stack(frame), self._script) if frame is not None else []
        reason = f"{self._doing} has not ended after {_told(self._settings)}; it is at"
        return f"{reason}\n{lines_of(frames[-3:], self._script)}" if frames else reason.removesuffix("; it is at")


def _told(settings: Settings) -> str:
    """As whoever wrote the stack knows it, and as whoever runs the image does."""
    return f"{settings.check_seconds} s (startSeconds of the model's gate, SCORING_CHECK_SECONDS)"


def peak_memory_mb() -> float:
    """0 where the kernel does not tell. Not getrusage: its value is inherited from who started the process."""
    found = re.search(r"^VmHWM:\s*(\d+) kB", _kernel_says("status"), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def seconds_since_start() -> float:
    """Of the process that watches this one; 0 where the kernel does not tell."""
    fields = _kernel_says("stat", os.getppid()).rpartition(")")[2].split()
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: field 22, of which the name in brackets is the second
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _kernel_says(file: str, process: int | str = "self") -> str:
    try:
        return Path("/proc", str(process), file).read_text()
    except OSError:
        return ""


def check(settings: Settings) -> int:
    """Prints the verdict on what was the standard output, so that nothing a script prints is taken for one.

    No defence against a script that means to forge it: the script is code of whoever deploys."""
    answer = os.dup(1)
    os.dup2(2, 1)

    def tell(verdict: Verdict) -> int:
        os.write(answer, msgspec.json.encode(verdict) + b"\n")
        return EXIT_PASSED if verdict.passed else EXIT_REFUSED

    def work() -> int:
        found, first = Check(settings), threading.Lock()

        def late() -> None:
            if first.acquire(blocking=False):
                os._exit(tell(Verdict(passed=False, reason=found.hangs())))

        timer = threading.Timer(settings.check_seconds, late)
        timer.daemon = True
        timer.start()
        verdict = found.verdict()
        if not first.acquire(blocking=False):
            timer.join()  # it ends the process
        return tell(verdict)

    ended = run_watched(work, settings.check_seconds + _GRACE_SECONDS)
    return tell(Verdict(passed=False, reason=_holds_the_lock(ended, settings))) if ended.hung else ended.code


def _holds_the_lock(ended: Ended, settings: Settings) -> str:
    script = settings.artifact / ENTRY_SCRIPT
    threads = [frames for thread in ended.threads if (frames := from_script_on(thread, script))]
    reason = f"{script.name} has not ended after {_told(settings)}, in code that lets no other thread run"
    return f"{reason}; it is at\n{lines_of(threads[0][-3:], script)}" if threads else reason
