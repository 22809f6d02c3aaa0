"""What one seed kills, in which command and when: at the moments at which a change of an endpoint is half known.

A moment is a request that the stand-in has done, and whose answer it keeps back until who asked is killed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal

Command = Literal["up", "down"]
VICTIMS = ("engine", "provider", "stand-in")
_DOWN_EVERY = 5
_SHARE_OTHER_WAY = 0.3


@dataclass(frozen=True)
class Moment:
    what: str
    method: str
    path: str
    after: int = 0
    """How many such requests pass before."""
    then: Moment | None = None
    """The moment proper, which is only met after this one."""
    late_s: float = 0.0
    """From the answer to the kill; 0: it is never read."""

    def fault(self) -> dict[str, Any]:
        return {"host": "", "method": self.method, "path": self.path, "after": self.after, "hold": True}


def _up(drawn: random.Random) -> list[tuple[int, Moment]]:
    """With weights."""
    endpoint, deployments, removed = "/onlineEndpoints/", "/deployments", "the old one is being removed"
    removing = Moment(removed, "DELETE", f"{deployments}/")
    done = Moment("all is done, and not in the state", "GET", deployments, after=2)
    told = Moment("all is done, and just told to the engine", "GET", deployments, after=2, late_s=drawn.random() / 20)
    return [
        (2, Moment("the environment is made, the answer not read", "PUT", "/environments/")),
        (4, Moment("the new deployment is asked for, the answer not read", "PUT", f"{endpoint}")),
        *((2, Moment(f"share {n} is given, the answer not read", "PUT", endpoint, after=n)) for n in (1, 2, 3)),
        (2, Moment("golden requests are under way", "POST", "/score", after=drawn.randrange(40))),
        (4, removing),
        (3, Moment(removed, removing.method, removing.path, then=Moment(f"{removed}, and gone", "GET", deployments))),
        (3, Moment(removed, removing.method, removing.path, then=done)),
        (3, Moment(removed, removing.method, removing.path, then=told)),
    ]


def _down(drawn: random.Random) -> list[tuple[int, Moment]]:
    endpoint = "/onlineEndpoints/"
    return [
        (2, Moment("the traffic is taken away, the answer not read", "PUT", endpoint)),
        (3, Moment("the deployment is being removed, the answer not read", "DELETE", endpoint)),
        (3, Moment("the endpoint is being removed, the answer not read", "DELETE", endpoint, after=1)),
        (1, Moment("the identity is removed, the answer not read", "DELETE", "/userAssignedIdentities/ep")),
    ]


@dataclass(frozen=True)
class Seed:
    number: int
    victim: str
    command: Command
    moment: Moment
    then: Command
    back: bool
    """The next `up` has the configuration of before."""
    goes_on: bool
    """Of a stand-in that was killed: it is started at once, and the command goes on; else a person ends that."""

    def __str__(self) -> str:
        last = self.moment.then or self.moment
        late = f", {1000 * last.late_s:.0f} ms after its answer" if last.late_s else ""
        way = "" if self.victim != "stand-in" else ", started at once" if self.goes_on else ", Ctrl-C"
        then = f"then {self.then}{' of the model before' if self.back else ''}"
        return f"seed {self.number}: kill of the {self.victim} in {self.command} when {last.what}{late}{way}; {then}"


def seed(number: int) -> Seed:
    drawn = random.Random(f"endpoint {number}")
    command: Command = "down" if number % _DOWN_EVERY == _DOWN_EVERY - 1 else "up"
    weighted = _up(drawn) if command == "up" else _down(drawn)
    (moment,) = drawn.choices([one for _, one in weighted], [weight for weight, _ in weighted])
    other = drawn.random() < _SHARE_OTHER_WAY
    victim = VICTIMS[number % len(VICTIMS)]
    then: Command = "down" if command == "down" and not other else "up"
    return Seed(number, victim, command, moment, then, other and command == "up", drawn.random() < 0.5)
