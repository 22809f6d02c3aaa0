"""25 kills by seed of the engine, our provider or the stand-in while an endpoint changes over or goes: the next `up`
or `down` converges, and nothing is there twice or left.

`-k seed-17` plays one again; `EDGEWAY_KILLS=100:40` has forty others, from seed 100. The change-over is between two
models that are trained and built, so that what is killed is the endpoint's part: `make kills` has the rest.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from tests.e2e.azureml.online.moments import Seed, seed
from tests.e2e.azureml.online.place import HOLD, PROBES, SEED, Place
from tests.e2e.disturbed import victims
from tests.e2e.disturbed.remains import unfinished
from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import LocalStack, eventually

pytestmark = pytest.mark.azureml

FIRST, COUNT = (int(word) for word in os.environ.get("EDGEWAY_KILLS", "0:25").split(":"))
SEEDS = [seed(number) for number in range(FIRST, FIRST + COUNT)]
MODELS = (1, 2)
"""Seeds of two trainings."""


class Player:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.log = place.folder / "killed.log"
        self.model = MODELS[0]

    @property
    def stack(self) -> LocalStack:
        return self.place.stack

    def other(self) -> None:
        """The stack file wants the other model from now on."""
        self.model = next(one for one in MODELS if one != self.model)
        self.place.set(SEED, self.model)

    def kill(self, one: Seed) -> None:
        """A command, killed at its moment. Without its engine our provider lives on for seconds, and nobody waits."""
        words = ("pulumi", "destroy") if one.command == "down" else ("pulumi", "up", "--skip-preview")
        self.stack.control("DELETE", "faults")
        self.stack.control("POST", "faults", one.moment.fault())
        with self.log.open("w") as out:
            running = self.stack.start(
                *words, "--yes", "--stack", "local", "--non-interactive", start_new_session=True, stdout=out
            )
        try:
            self.meet(one, running)
            self.act(one, running)
        finally:
            running.wait(timeout=300)

    def meet(self, one: Seed, running: subprocess.Popen[str]) -> None:
        def is_held() -> bool:
            assert running.poll() is None, f"{one.moment.what}: it has ended before:\n{self.log.read_text()}"
            return bool(self.stack.control("GET", "faults")["held"])

        eventually(one.moment.what, is_held, limit_s=240, pause_s=0.02)
        if one.moment.then is not None:
            self.stack.control("POST", "faults", one.moment.then.fault())
            self.stack.control("DELETE", "faults/held")
            eventually(one.moment.then.what, is_held, limit_s=120, pause_s=0.02)

    def act(self, one: Seed, running: subprocess.Popen[str]) -> None:
        last = one.moment.then or one.moment
        if last.late_s:
            self.stack.control("DELETE", "faults")
            threading.Event().wait(last.late_s)
        victims.kill(victims.alive(one.victim, "", running.pid, self.stack))
        if one.victim != "stand-in":
            self.stack.control("DELETE", "faults")
        elif one.goes_on:
            self.stack.command("tools/standin.sh", "start")
        else:
            os.killpg(running.pid, signal.SIGINT)

    def then(self, one: Seed) -> None:
        if one.back:
            self.other()
        if one.then == "up":
            self.place.up()
        else:
            self.stack.command("tools/down.sh", "local")


@pytest.fixture(scope="module")
def player(place: Place) -> Iterator[Player]:
    """Two models are trained and built; an endpoint changes over from one to the other quickly."""
    place.set(HOLD, 0)
    place.set(PROBES, 20)
    for model in reversed(MODELS):
        place.set(SEED, model)
        place.up()
    yield Player(place)


@pytest.mark.parametrize("one", [pytest.param(one, id=f"seed-{one.number}") for one in SEEDS])
def test_what_was_killed_is_gone_on_with_and_nothing_is_there_twice(player: Player, one: Seed) -> None:
    print(one)
    began = time.monotonic()
    if not (player.stack.standin_state / "pid").exists():
        player.place.up()
    if one.command == "up":
        player.other()

    player.kill(one)
    player.then(one)

    assert unfinished(player.stack) == [], player.log.read_text()
    if one.then == "down":
        assert player.place.containers() == {}
    else:
        assert player.stack.changes() == {}
        serving = player.place.serving
        assert (player.place.deployments(), player.place.containers_of()) == ([serving], {serving: 1})
        assert player.place.answers() == 200
    TABLE.add(str(one), "converged", f"nothing twice, nothing left; {time.monotonic() - began:.0f} s in all")
