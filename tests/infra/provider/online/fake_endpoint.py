"""An endpoint in memory, by Azure's rules, that can be killed at any of its calls: before one is sent, or after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from infra.provider.services.online.plan import Deployment, Seen, State, Wanted
from pluginbase.resource import ProviderError


class Killed(BaseException):
    """The process is gone: nothing catches it."""


class FakeEndpoint:
    def __init__(self, seen: Seen | None = None) -> None:
        self.deployments = dict(seen.deployments) if seen else {}
        self.traffic = dict(seen.traffic) if seen else {}
        self.calls: list[str] = []
        self.made = 0
        self.kill_at: int | None = None
        """Counts half calls: an even one is the call that is not sent, an odd one the answer that is not read."""
        self.bad: dict[str, int] = {}
        """Deployments that fail at the gate from this share on."""
        self.never_ready: set[str] = set()
        self.at_gate: list[tuple[str, int]] = []
        self._halves = 0

    def restart(self, kill_at: int | None = None) -> None:
        self.calls, self.at_gate, self.made, self._halves, self.kill_at = [], [], 0, 0, kill_at

    def look(self) -> Seen:
        return Seen(dict(self.deployments), dict(self.traffic))

    def make(self, wanted: Wanted) -> None:
        state = State.FAILED if wanted.name in self.never_ready else State.READY
        new = wanted.name not in self.deployments
        self.made += new
        self._sent(f"make {wanted.name}")
        self.deployments[wanted.name] = Deployment(State.BUSY, wanted.instances, wanted.mark)
        self._answered()
        self._settle(wanted.name, state)
        if state is State.FAILED:
            raise ProviderError(f"{wanted.name} did not come up")

    def wait_for(self, name: str) -> None:
        self._sent(f"wait for {name}")
        self._settle(name, State.FAILED if name in self.never_ready else State.READY)
        self._answered()

    def remove(self, name: str) -> None:
        assert not self.traffic.get(name), f"Azure refuses to delete {name}, which has traffic"
        self._sent(f"remove {name}")
        if name in self.deployments:
            self.deployments[name] = replace(self.deployments[name], state=State.LEAVING)
            self._answered()
            del self.deployments[name]

    def shift(self, traffic: Mapping[str, int]) -> None:
        assert sum(traffic.values()) == 100 and all(traffic.values()), traffic
        for name in traffic:
            assert self.deployments[name].state is State.READY, f"{name} has no machine that is ready"
        self._sent("shift " + " ".join(f"{name}={part}" for name, part in sorted(traffic.items())))
        self.traffic = dict(traffic)
        self._answered()

    def gate(self, name: str, share: int, *, hold: bool) -> None:
        assert self.deployments[name].state is State.READY
        self._sent(f"gate {name} at {share}{' hold' if hold else ''}")
        self.at_gate.append((name, share))
        if share >= self.bad.get(name, 101):
            raise ProviderError(f"{name} answers otherwise at {share} %")

    def _settle(self, name: str, state: State) -> None:
        self.deployments[name] = replace(self.deployments[name], state=state)

    def _sent(self, what: str) -> None:
        self._half()
        self.calls.append(what)

    def _answered(self) -> None:
        self._half()

    def _half(self) -> None:
        if self._halves == self.kill_at:
            raise Killed
        self._halves += 1
