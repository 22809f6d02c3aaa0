"""The local stack with a cluster on which its anomaly model trains: what a test configures, and what it counts.

Each `seed` is a training of its own: this clone's store would know one of an earlier run, and no job be sent.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from tests.e2e.disturbed import remains
from tests.e2e.stack.local_stack import LocalStack, eventually

MODEL, ON, HERE = "anomaly", "cpu-cluster", "here"
ENDED = ("Completed", "Failed", "Canceled")
UP = ("pulumi", "up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", "local", "--non-interactive")
_COMPUTES = f"  edgeway:computes:\n    - {{name: {ON}, kind: cluster, idleSeconds: 600}}\n"
_MODELS = "  edgeway:models:\n"
_ENTRY = re.compile(rf"    - name: {MODEL}\n      train:\n(?:        .*\n)+      endpoints: .*\n")
_LAYERS = re.compile(r"  edgeway:layers:\n(?:    .*\n)+")
SEEDS = count(time.time_ns() // 10**8 % 2**31)


@dataclass(frozen=True)
class Cluster:
    stack: LocalStack
    _file: Path
    _text: str = field(repr=False)
    """Of the stack's file, before."""

    def configure(self, *, on: str = ON, accuracy: float = 0.9, **hyperparameters: object) -> None:
        """Without a place or a device that gets the model: nothing here waits for one."""
        settings = ", ".join(f"{name}: {value}" for name, value in hyperparameters.items())
        entry = f"    - name: {MODEL}\n      train:\n        on: {on}\n"
        entry += "        data: {source: simulator, seed: 0, rows: 618}\n"
        entry += f"        hyperparameters: {{{settings}}}\n        thresholds: {{accuracy: {accuracy}}}\n"
        text, models = _ENTRY.subn(entry, self._text)
        text, layers = _LAYERS.subn("", text)
        assert models == layers == 1, f"{self._file} has the model {MODEL} and its layer not as they are committed"
        self._file.write_text(with_a_compute(text))

    def another_training(self, *, on: str = ON) -> int:
        """Its seed."""
        seed = next(SEEDS)
        self.configure(on=on, seed=seed)
        return seed

    # -- what is there

    def jobs(self) -> list[dict[str, Any]]:
        return list(json.loads(self.stack.run("edgeway", "job", "list", "--stack", "local", "--json").stdout))

    def containers(self) -> list[str]:
        """Ids of those that jobs run in."""
        labels = (f"edgeway.standin={self.stack.instance}", "edgeway.kind=ml-job")
        words = [word for label in labels for word in ("--filter", f"label={label}")]
        return self.stack.command("docker", "ps", "--quiet", "--no-trunc", *words).stdout.split()

    def settled(self) -> list[dict[str, Any]]:
        """The jobs. No change is to be made, no job on its way, no container of one, no row of the state waits."""
        assert self.stack.changes() == {}
        jobs = self.jobs()
        assert [job for job in jobs if job["status"] not in ENDED] == []
        assert (self.containers(), remains.unfinished(self.stack)) == ([], [])
        return jobs

    # -- what is done

    def up(self, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.stack.up(check=check)

    def make_up(self) -> None:
        """As somebody types it after an `up` that was killed: locks and what was cut off are dealt with first."""
        replace(self.stack, environment=(*self.stack.environment, ("NO_WAIT", "1"))).command("tools/up.sh", "local")

    def held(self, up: subprocess.Popen[str]) -> str:
        """The name of the job that the `up` has sent, which runs, and is halted until it is let go."""

        def probe() -> str | None:
            assert up.poll() is None, up.stdout.read() if up.stdout else ""
            found = self.containers()
            paused = found and self.stack.command("docker", "pause", found[0], check=False).returncode == 0
            return found[0] if paused else None

        eventually("a job that runs", probe, limit_s=300, pause_s=0.05)
        return next(str(job["name"]) for job in self.jobs() if job["status"] not in ENDED)

    def let_go(self) -> None:
        for container in self.containers():
            self.stack.command("docker", "unpause", container, check=False)

    def met(self, do: Callable[[subprocess.Popen[str], str], object], *, let_go: bool = True) -> tuple[str, str]:
        """Another job while it runs: its name, and what the `up` that sent it said until its end."""
        up = self.stack.start(*UP, start_new_session=True)
        try:
            name = self.held(up)
            do(up, name)
            if let_go:
                self.let_go()
            said, _ = up.communicate(timeout=300)
        except BaseException:
            self.let_go()
            kill(up)
            raise
        return name, said


def with_a_compute(text: str) -> str:
    """The stack's file and the cluster."""
    assert text.count(_MODELS) == 1
    return text.replace(_MODELS, _COMPUTES + _MODELS)


def states(jobs: list[dict[str, Any]], name: str) -> list[str]:
    """Of all jobs of one training, by the name of one of them; the first that was sent first."""
    stem = name.rpartition("-")[0]
    found = [job for job in jobs if job["name"].rpartition("-")[0] == stem]
    return [job["status"] for job in sorted(found, key=lambda job: str(job["name"]))]


def kill(up: subprocess.Popen[str]) -> None:
    if up.poll() is None:
        os.killpg(up.pid, signal.SIGKILL)


@contextmanager
def with_a_cluster(stack: LocalStack) -> Iterator[Cluster]:
    with stack.stack_file() as file:
        yield Cluster(stack, file, file.read_text())
