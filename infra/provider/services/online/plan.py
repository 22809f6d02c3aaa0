"""From what an endpoint has to one deployment that has all of its traffic: the next step, by what is there alone.

A run that was killed has left no note. What it did is seen in the endpoint, and the next run goes on from there:

    await       the wanted deployment is being made, or changed
    remove      what an earlier run left without traffic, so that its machines count in no quota
    make        the wanted deployment, beside the one that serves
    gate        golden requests to it alone, before its first traffic and at each share
    shift       the next share of the traffic
    remove      the deployments before it

Deployments are ours by their name, `m` and 12 hex digits; others are somebody else's: they lose their traffic as the
one before does, and are not removed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

OWN_NAME = re.compile(r"m[0-9a-f]{12}")


class State(Enum):
    READY = "ready"
    BUSY = "busy"
    FAILED = "failed"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Deployment:
    state: State
    instances: int = 1
    mark: str = ""
    """Of the row that made it or took it over."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`traffic` has the deployments with a share, which are 100 together, or nobody."""

    deployments: Mapping[str, Deployment]
    traffic: Mapping[str, int] = field(default_factory=dict)

    def own(self) -> list[str]:
        return sorted(name for name in self.deployments if OWN_NAME.fullmatch(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    name: str
    instances: int
    mark: str
    shares: Sequence[int]
    """Rising to 100."""


@dataclass(frozen=True, slots=True)
class Await:
    name: str


@dataclass(frozen=True, slots=True)
class Remove:
    name: str


@dataclass(frozen=True, slots=True)
class Make:
    """Makes the wanted deployment, or gives the one that is there its instances and its mark."""

    name: str


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    share: int
    """That it has while it is asked."""


@dataclass(frozen=True, slots=True)
class Shift:
    traffic: Mapping[str, int]


Step = Await | Remove | Make | Gate | Shift


def next_step(wanted: Wanted, seen: Seen, serving: str | None, gated: int | None) -> Step | None:
    """None where nothing is left to do. `serving`: the deployment that the resource's row names. `gated`: the share at
    which this run has gated the wanted one last."""
    new, share = seen.deployments.get(wanted.name), seen.traffic.get(wanted.name, 0)
    others = {name: part for name, part in seen.traffic.items() if name != wanted.name}
    if _stale(others, serving):
        return Shift({**scaled(_kept(others, serving), 100 - share), **_share(wanted.name, share)})
    if new is not None and new.state in (State.BUSY, State.LEAVING):
        return Await(wanted.name) if new.state is State.BUSY else Remove(wanted.name)
    if new is not None and new.state is State.FAILED and others:
        return Shift(scaled(others, 100)) if share else Remove(wanted.name)
    before = [name for name in seen.own() if name != wanted.name and name not in others]
    left = [name for name in before if name != serving]
    if share < 100 and left:
        return Remove(left[0])
    if new is None or _differs(new, wanted):
        return Make(wanted.name)
    if (others or before or not share) and (gated is None or gated < share):
        return Gate(wanted.name, share)
    if share < 100:
        then = next(one for one in wanted.shares if one > share) if others else 100
        return Shift({**scaled(others, 100 - then), wanted.name: then})
    return Remove(before[0]) if before else None


def way_back(wanted: Wanted, seen: Seen, serving: str | None, began: Mapping[str, int]) -> Step | None:
    """The next step to what served before; None where it serves, or nothing else is there that could. `began`: the
    traffic that the run has found."""
    if wanted.name == serving:
        return Shift(began) if began and seen.traffic != began else None
    if seen.traffic.get(wanted.name):
        others = {name: part for name, part in seen.traffic.items() if name != wanted.name}
        before = _kept(others, serving) or _share(_fallback(wanted, seen, serving), 100)
        return Shift(scaled(before, 100)) if before else None
    return Remove(wanted.name) if wanted.name in seen.deployments else None


def scaled(traffic: Mapping[str, int], total: int) -> dict[str, int]:
    """The same proportions with another sum, in whole numbers; who gets nothing is left out."""
    whole = sum(traffic.values())
    exact = {name: part * total / whole for name, part in traffic.items()}
    shares = {name: int(part) for name, part in exact.items()}
    by_rest = sorted(exact, key=lambda name: (shares[name] - exact[name], name))
    for name in by_rest[: total - sum(shares.values())]:
        shares[name] += 1
    return {name: part for name, part in shares.items() if part}


def _stale(others: Mapping[str, int], serving: str | None) -> bool:
    return _kept(others, serving) != others


def _kept(others: Mapping[str, int], serving: str | None) -> dict[str, int]:
    """Without deployments of ours that an earlier change-over has brought up to a share, but for the one before it."""
    own = [name for name in others if OWN_NAME.fullmatch(name)]
    stays = serving if serving in own else max(own, key=lambda name: (others[name], name), default=None)
    return {name: part for name, part in others.items() if name not in own or name == stays}


def _fallback(wanted: Wanted, seen: Seen, serving: str | None) -> str | None:
    """Who served before the wanted one got all: a run that was killed may have come as far as that."""
    ready = [one for one in seen.own() if one != wanted.name and seen.deployments[one].state is State.READY]
    return serving if serving in ready else next(iter(ready), None)


def _share(name: str | None, part: int) -> dict[str, int]:
    return {name: part} if name and part else {}


def _differs(new: Deployment, wanted: Wanted) -> bool:
    return new.state is State.FAILED or (new.instances, new.mark) != (wanted.instances, wanted.mark)
