"""One `make up` or `make down` as a person types it, in a session of its own, and when it has done what."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.disturbed.remains import tags
from tests.e2e.disturbed.victims import of_session
from tests.e2e.stack.local_stack import LocalStack
from tests.kills.schedule import Moment

LIMIT_S = 420.0
_TICK_S = 0.05
_OF_AN_OUTER_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")

TOLD = r"(created|updated|replaced|deleted)\s+[\d.]+ s\s+{mark} anomaly\b"
MADE = {
    "RegisteredModel": r"(PUT|DELETE) \S+/models/\S+ -> 20[0-9]",
    "EdgeDeployment": r"(PUT|DELETE) \S+/configurations/\S+ -> 20[0-9]",
}
"""Lines of the stand-in's log: it writes one when it has answered. An image is seen by its tag: registries log none."""


@dataclass
class Running:
    """A command that runs; `seen` is told of each of its lines, and of the stand-in's."""

    stack: LocalStack
    target: str
    log: Path
    temporary: Path
    began: float = field(default_factory=time.monotonic)
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.temporary.mkdir(parents=True, exist_ok=True)
        environment = {**self.stack.child_environment(), "TMPDIR": str(self.temporary), "YES": "1"}
        for name in _OF_AN_OUTER_MAKE:
            environment.pop(name, None)
        with self.log.open("ab") as out:
            out.write(f"== make {self.target}\n".encode())
            self._tags = tags(self.stack)
            self._from = {self.log: out.tell(), self.standin_log: _size(self.standin_log)}
            # a shell of the background would have it ignored, and so would all that it starts
            command = ["env", "--default-signal=INT", "make", self.target]
            self.process = subprocess.Popen(
                command, cwd=self.stack.root, env=environment, stdout=out, stderr=out, start_new_session=True
            )

    @property
    def standin_log(self) -> Path:
        return self.stack.standin_state / "standin.log"

    @property
    def session(self) -> int:
        return self.process.pid

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def reached(self, moment: Moment) -> bool:
        """Whether the marked thing was made by now."""
        if moment.marks == "made" and moment.mark == "Image":
            return tags(self.stack) != self._tags
        pattern = TOLD.format(mark=moment.mark) if moment.marks == "told" else MADE[moment.mark]
        file = self.log if moment.marks == "told" else self.standin_log
        return re.search(pattern, _since(file, self._from[file]), re.MULTILINE) is not None

    def until(self, condition: Callable[[], object]) -> bool:
        """Whether the condition came true before the command was over."""
        pause = threading.Event()
        while not condition():
            if self.is_over or self.seconds > LIMIT_S:
                return False
            pause.wait(_TICK_S)
        return True

    def ctrl_c(self) -> bool:
        """As a terminal sends it: to every process of the foreground's group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)
            return True
        return False

    def end(self) -> int:
        """Its exit code; what has not ended by then hangs, and is said so by -9."""
        try:
            code = self.process.wait(max(LIMIT_S - self.seconds, 1.0))
        except subprocess.TimeoutExpired:
            for pid in of_session(self.session):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            code = self.process.wait()
        return code


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _since(file: Path, offset: int) -> str:
    if not file.exists():
        return ""
    with file.open("rb") as opened:
        opened.seek(offset)
        return opened.read().decode(errors="replace")
