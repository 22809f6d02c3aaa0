"""The nodes of one compute cluster, as a machine of states: preparing, idle, running a job, leaving.

https://learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster
Nothing runs by itself: whoever asks first lets the time pass that went by. Times are seconds of the stand-in's clock.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

State = Literal["preparing", "idle", "running", "leaving"]


class Node(msgspec.Struct, kw_only=True):
    id: str
    address: str
    """Private; a node has a public one only where the cluster gives its nodes one, and here none is reached by it."""
    state: State
    since: float
    until: float = 0.0
    """When a node that is preparing or leaving is through with it."""
    job: str | None = None


class Waiting(msgspec.Struct, kw_only=True):
    job: str
    count: int


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    least: int
    most: int
    idle_s: float
    start_s: float
    leave_s: float


class Cluster(msgspec.Struct, kw_only=True):
    nodes: list[Node] = []
    queue: list[Waiting] = []
    """Jobs without nodes, in the order in which they asked; none overtakes another."""
    resized_at: float = 0.0

    @classmethod
    def read(cls, document: Mapping[str, Any] | None) -> Cluster:
        return msgspec.convert(document or {}, cls)

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    def of(self, job: str) -> list[Node]:
        return [node for node in self.nodes if node.job == job]

    def ask(self, job: str, count: int) -> None:
        """Once, however often it is called."""
        if not self.of(job) and all(waiting.job != job for waiting in self.queue):
            self.queue.append(Waiting(job=job, count=count))

    def give_back(self, job: str, now: float) -> None:
        self.queue = [waiting for waiting in self.queue if waiting.job != job]
        for node in self.of(job):
            node.job, node.state, node.since = None, "idle", now

    @property
    def up(self) -> int:
        return sum(node.state != "preparing" for node in self.nodes)

    @property
    def target(self) -> int:
        return sum(node.state != "leaving" for node in self.nodes)

    def count(self, state: State) -> int:
        return sum(node.state == state for node in self.nodes)

    def settle(self, scale: Scale, now: float, room: Callable[[], int]) -> None:
        """Lets the time pass until `now`. `room`: how many nodes the quota has left, asked where some are wanted."""
        before = (self.up, self.target)
        self._end_what_is_over(now)
        self._retire(scale, now)
        self._grow(scale, now, room)
        self._end_what_is_over(now)
        self._hand_out(now)
        if (self.up, self.target) != before:
            self.resized_at = now

    def wanted(self, scale: Scale) -> int:
        needed = self.count("running") + sum(waiting.count for waiting in self.queue)
        return max(scale.least, min(needed, scale.most))

    def _end_what_is_over(self, now: float) -> None:
        self.nodes = [node for node in self.nodes if node.state != "leaving" or node.until > now]
        for node in self.nodes:
            if node.state == "preparing" and node.until <= now:
                node.state, node.since = "idle", node.until

    def _retire(self, scale: Scale, now: float) -> None:
        """Those longest idle first; beyond the maximum without waiting."""
        idle = sorted((node for node in self.nodes if node.state == "idle"), key=lambda node: node.since)
        for node in idle:
            ended = node.since + scale.idle_s
            if self.target > scale.most or (ended <= now and self.target > self.wanted(scale)):
                left = now if self.target > scale.most else ended
                node.state, node.since, node.until = "leaving", left, left + scale.leave_s
        self._end_what_is_over(now)

    def _grow(self, scale: Scale, now: float, room: Callable[[], int]) -> None:
        missing = self.wanted(scale) - self.target
        for _ in range(min(missing, room()) if missing > 0 else 0):
            self.nodes.append(_new_node(self.nodes, now, now + scale.start_s))

    def _hand_out(self, now: float) -> None:
        while self.queue:
            first = self.queue[0]
            idle = [node for node in self.nodes if node.state == "idle"][: first.count]
            if len(idle) < first.count:
                return
            for node in idle:
                node.state, node.since, node.job = "running", now, first.job
            self.queue.pop(0)


def _new_node(there: list[Node], now: float, until: float) -> Node:
    taken = {node.address for node in there}
    address = next(one for one in (f"10.0.0.{number}" for number in range(4, 255)) if one not in taken)
    return Node(id=f"tvmps_{uuid.uuid4().hex}_d", address=address, state="preparing", since=now, until=until)
