"""Kills by seed in the windows of a training on a cluster: the next `up` converges, nothing is paid for twice, nothing
is left over. `EDGEWAY_JOB_KILLS=17:1 make test-azureml ARGS="-k job_kills"` plays one seed again.

What an undisturbed retrain leaves is counted first. After a kill and an `up` of the same configuration there is exactly
that; after one of another configuration at the most that much more, of the training that nobody wants any more.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import docker
import pytest

from tests.e2e.azureml.cluster import UP, Cluster, with_a_cluster
from tests.e2e.disturbed import remains, victims
from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import LocalStack

pytestmark = pytest.mark.azureml

FIRST, COUNT = map(int, os.environ.get("EDGEWAY_JOB_KILLS", "0:8").split(":"))
_LIMIT_S = 240.0
_TICK_S = 0.02
_AT_ONCE = 0.5
"""The share of kills at the very moment at which a window opens."""
SENT, DONE, FETCHED, REGISTERED = WINDOWS = (
    "the job was sent and the answer not read",
    "the job is done and the state not written",
    "its output is fetched and not registered",
    "the model is registered and the answer not read",
)
_SECONDS = {SENT: 1.0, DONE: 1.5, FETCHED: 4.0, REGISTERED: 1.0}
"""How long they are, about."""
_HELD = {SENT: "/jobs/", REGISTERED: "/models/anomaly/versions/"}
"""What is done and its answer kept back, in two of the windows."""


@dataclass(frozen=True)
class Kill:
    seed: int
    window: str
    after_s: float
    process: str
    then: str

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.process} killed as {self.window}, after {self.after_s:.2f} s; {self.then} config"
        )


def kill_of(seed: int) -> Kill:
    """Windows come in turn, so that four seeds in a row have each."""
    drawn, window = random.Random(f"job {seed}"), WINDOWS[seed % len(WINDOWS)]
    after_s = 0.0 if drawn.random() < _AT_ONCE else drawn.uniform(0, _SECONDS[window])
    process = drawn.choice(("engine", "provider", "engine and provider"))
    return Kill(seed, window, after_s, process, drawn.choice(("same", "same", "another")))


class Opening:
    """Tells when a window has opened since this was made."""

    def __init__(self, stack: LocalStack, window: str) -> None:
        self._stack, self._window = stack, window
        self._known = self._fetched()
        self._gone = threading.Event()
        self._client = docker.from_env()
        if window == DONE:
            threading.Thread(target=self._watch, args=(self._events(),), daemon=True).start()
        if window in _HELD:
            stack.control("POST", "faults", {"method": "PUT", "path": _HELD[window], "hold": True})

    def close(self) -> None:
        """What is held is let go: it has been done, and nobody asks for the answer any more."""
        self._client.close()
        self._stack.control("DELETE", "faults")

    def is_open(self) -> bool:
        if self._window == DONE:
            return self._gone.is_set()
        if self._window == FETCHED:
            return self._fetched() != self._known
        return bool(self._stack.control("GET", "faults")["held"])

    def _fetched(self) -> set[str]:
        return {file.name for file in (self._stack.root / ".artifacts" / "runs").glob("*.json")}

    def _events(self) -> Iterable[object]:
        labels = [f"edgeway.standin={self._stack.instance}", "edgeway.kind=ml-job"]
        return self._client.events(filters={"event": "destroy", "type": "container", "label": labels})

    def _watch(self, events: Iterable[object]) -> None:
        """A job's container goes once its end is written down."""
        for _ in events:
            self._gone.set()
            return


@dataclass
class World:
    cluster: Cluster
    temporary: Path
    retrain: remains.Found = field(default_factory=remains.Found)
    """What one leaves more than there was."""

    def found(self) -> remains.Found:
        return remains.found(self.cluster.stack, self.temporary)

    def killed(self, kill: Kill) -> bool:
        """Whether the `up` was still there to be killed."""
        with closing(Opening(self.cluster.stack, kill.window)) as opening:
            up = self.cluster.stack.start(*UP, start_new_session=True)
            was_open = _until(opening.is_open, lambda: up.poll() is not None)
            threading.Event().wait(kill.after_s)
            found = [pid for one in kill.process.split(" and ") for pid in victims.pids(one, up.pid)]
            hit = was_open and victims.kill_pids(found)
        # nothing is held any more: what was not killed ends
        up.communicate(timeout=_LIMIT_S)
        return hit


def _until(condition: Callable[[], bool], over: Callable[[], bool]) -> bool:
    deadline, pause = time.monotonic() + _LIMIT_S, threading.Event()
    while not condition():
        if over() or time.monotonic() > deadline:
            return False
        pause.wait(_TICK_S)
    return True


@pytest.fixture(scope="module")
def world(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    temporary = tmp_path_factory.mktemp("tmp")
    beside = replace(stack, environment=(*stack.environment, ("TMPDIR", str(temporary))))
    with with_a_cluster(beside) as cluster:
        cluster.another_training()
        cluster.up()
        world = World(cluster, temporary)
        before = world.found()
        cluster.another_training()
        cluster.up()
        world.retrain = world.found() - before
        assert sum("/jobs/" in kind for kind in world.retrain) == 1, world.retrain
        yield world


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_a_kill_in_a_window_is_mended_by_the_next_up(world: World, seed: int) -> None:
    kill, cluster = kill_of(seed), world.cluster
    before = world.found()
    cluster.another_training()
    hit = world.killed(kill)
    if kill.then == "another":
        cluster.another_training()
    begin = time.monotonic()
    cluster.make_up()
    took = time.monotonic() - begin
    cluster.settled()
    now, wanted = world.found(), before + world.retrain
    more = now - wanted if kill.then == "same" else now - wanted - world.retrain
    TABLE.add(str(kill), "converged" if hit else "over before the kill, converged", f"{took:.0f} s")
    assert (wanted - now, more) == ({}, {})
    assert hit, "the window was missed"
