"""The wait itself: asks the hub in rounds, listens between them, and tells how each device stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from cli.events.message import Message
from cli.rollout.drops import Drops, drops_of
from cli.rollout.mailbox import Clock, Mailbox
from cli.rollout.progress import Progress
from cli.rollout.refusals import Refusals
from cli.rollout.standing import Standing, State, of_device
from cli.rollout.wanted import Hub, Layer, layers_of_devices
from cloud.arrival import EDGE_AGENT, Arrival, arrival_at_device
from cloud.errors import ServiceError, is_missing
from contracts.telemetry import PROPERTY_MODEL

_ROUND_SECONDS = 2.0
_TARGETS_SECONDS = 20.0
"""How often the hub is asked which devices the conditions mean."""
_AWAY_SECONDS = 30.0
"""A device that just starts, or whose hub just restarted, says within this time that it is connected; and how often the
agent of one that the hub calls disconnected is asked."""
_RECENT = timedelta(seconds=30)
"""Of a device that runs it long before the wait, the messages of the last seconds are read first: most send often."""
_PATIENCE_SECONDS = 10.0
_LOOK_BACK = timedelta(minutes=65)
"""Then those of the last hour, which is the longest pause that a sender of ours may make."""


class Waiting:
    def __init__(
        self,
        hub: Hub,
        layers: Sequence[Layer],
        mailbox: Mailbox,
        clock: Clock,
        progress: Progress,
        attaching: Callable[[str], str | None] | None = None,
    ) -> None:
        """`attaching` says how a device is attached: one that never connected is then not waited for. Without it, or
        where it says nothing, it is one that is not connected, as any other."""
        self._hub = hub
        self._layers = layers
        self._mailbox = mailbox
        self._clock = clock
        self._progress = progress
        self._refusals = Refusals(clock)
        self._attaching = attaching
        self._began = self._targets_asked = clock.monotonic()
        self._listened: float | None = None
        self._runs_since: dict[str, datetime] = {}
        self._asked: dict[str, tuple[float, bool]] = {}
        self._gone_since: dict[str, float] = {}
        self.wanted = layers_of_devices(hub, layers)
        self.standings: dict[str, Standing] = {}

    def run(self, limit_seconds: float) -> Mapping[str, Standing]:
        """By device: until each is right, stuck, away or new, or the time is over."""
        deadline = self._began + limit_seconds
        while True:
            self._look()
            left = deadline - self._clock.monotonic()
            self._progress.remind(self.standings, self.wanted, left)
            if left <= 0 or all(standing.state is not State.WAITING for standing in self.standings.values()):
                return self.standings
            self._mailbox.listen(min(left, _ROUND_SECONDS), self._is_awaited)

    def _look(self) -> None:
        if self._clock.monotonic() - self._targets_asked > _TARGETS_SECONDS:
            self.wanted = layers_of_devices(self._hub, self._layers)
            self._targets_asked = self._clock.monotonic()
            self.standings = {device: one for device, one in self.standings.items() if device in self.wanted}
        for device, layers in self.wanted.items():
            before = self.standings.get(device)
            if before is not None and before.state is State.RIGHT:
                continue
            now = self._standing(device, layers)
            self.standings[device] = now
            if before is None or before.says != now.says:
                self._progress.changed(device, now.says)
        self._read()

    def _read(self) -> None:
        waiting = [self._runs_since[device] for device, one in self.standings.items() if one.silent]
        if not waiting:
            return
        if self._listened is None:
            self._listened = self._clock.monotonic()
        long = self._clock.monotonic() - self._listened >= _PATIENCE_SECONDS
        self._mailbox.read_from(max(min(waiting), self._clock.now() - (_LOOK_BACK if long else _RECENT)))

    def _standing(self, device: str, layers: Sequence[Layer]) -> Standing:
        try:
            arrival = arrival_at_device(self._hub.module_twin(device, EDGE_AGENT))
        except ServiceError as error:
            if not is_missing(error):
                raise
            return Standing(state=State.WAITING, says="waits: the hub knows no $edgeAgent of it")
        since = self._runs_since[device] = arrival.since or self._runs_since.get(device) or self._clock.now()
        heard = {key: one.enqueued for key, one in self._mailbox.newest(device).items() if one.enqueued is not None}
        standing = of_device(arrival, layers, heard, since, self._drops(device, arrival))
        if standing.state is State.RIGHT:
            return standing
        how = self._attaching(device) if self._attaching is not None and arrival.has_never_connected else None
        if how and not self._answers(device):
            return Standing(state=State.NEW, says=f"not attached yet: {how}")
        if not self._is_away(device, arrival):
            return self._refusals.judged(device, arrival, layers, standing)
        return Standing(state=State.AWAY, says="is not connected: gets it when it connects")

    def _drops(self, device: str, arrival: Arrival) -> dict[str, Drops]:
        """Asked for only where the modules run: before that it is the old ones' word."""
        if not (arrival.has_seen_desired and arrival.runs_desired):
            return {}
        dropping = {}
        for module in arrival.modules:
            if not module.is_system and (found := self._dropped(device, module.name)) and found.dropping:
                dropping[module.name] = found
        return dropping

    def _dropped(self, device: str, module: str) -> Drops | None:
        try:
            return drops_of(self._hub.module_twin(device, module))
        except ServiceError as error:
            if not is_missing(error):
                raise
            return None

    def _is_away(self, device: str, arrival: Arrival) -> bool:
        """Where the hub calls it disconnected its agent is asked: the hub's word may be minutes old."""
        now = self._clock.monotonic()
        if arrival.is_connected:
            self._gone_since.pop(device, None)
            return False
        if now - self._gone_since.setdefault(device, now) < _AWAY_SECONDS:
            return False
        return not self._answers(device)

    def _answers(self, device: str) -> bool:
        now = self._clock.monotonic()
        asked, answers = self._asked.get(device, (float("-inf"), False))
        if now - asked >= _AWAY_SECONDS:
            answers = self._hub.agent_answers(device)
            self._asked[device] = (now, answers)
        return answers

    def _is_awaited(self, message: Message) -> bool:
        standing = self.standings.get(message.device or "")
        if standing is None or message.enqueued is None or message.enqueued <= self._runs_since[str(message.device)]:
            return False
        version = message.properties.get(PROPERTY_MODEL)
        return any(wanted == version and layer.is_voice(message.module) for layer, wanted in standing.silent)
