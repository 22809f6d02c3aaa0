"""The places of one port: who holds one, who waits for what, and who gives one up where none is left.

A place is taken when a connection is accepted. Where all are taken, one gives its own up for the next: one that has
waited for its client for a second, or else one with half a request. Who is being answered, or was just now, stays.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

from images.scoring.http.limits import MAX_TURNED_AWAY, MAX_UNSENT_BYTES, MAX_UNSENT_CONNECTIONS, SLOW_SECONDS

_LOOKED_AT = 64
"""Holders that are asked for a place; to ask all of them for each that comes would be an attack of its own."""


class Holder(Protocol):
    """A connection, or its handshake."""

    def waiting_since(self) -> float | None:
        """For its client, in the loop's time; None while its answer is made."""

    def awaits_body(self) -> bool:
        """Whether it waits for the body of a request that counts as in flight."""

    def is_half(self) -> bool:
        """Whether its handshake or its request has not come whole."""

    def give_up(self) -> None:
        """It no longer holds a place, and ends at once."""


class Places:
    def __init__(self, most: int, time: Callable[[], float]) -> None:
        self._most = most
        self._time = time
        self._held: OrderedDict[Holder, None] = OrderedDict()
        """In the order in which they came, but for those that were looked at and stayed."""
        self._turned_away: set[Holder] = set()
        self._unsent: OrderedDict[Holder, int] = OrderedDict()
        """Bytes that its client does not take, the longest first."""
        self._unsent_bytes = 0
        self._slow_looked_for = 0.0

    def __len__(self) -> int:
        return len(self._held) + len(self._turned_away)

    def __iter__(self) -> Iterator[Holder]:
        return iter([*self._held, *self._turned_away])

    def take(self, holder: Holder) -> bool:
        """False where every other place is needed."""
        if len(self._held) >= self._most and not self._make_room():
            return False
        self._held[holder] = None
        return True

    def turn_away(self, holder: Holder) -> bool:
        """Whether it may stay for as long as it takes to be told so."""
        if len(self._turned_away) >= MAX_TURNED_AWAY:
            return False
        self._turned_away.add(holder)
        return True

    def leave(self, holder: Holder) -> None:
        self._held.pop(holder, None)
        self._turned_away.discard(holder)
        self.sent(holder)

    def unsent(self, holder: Holder, size: int) -> None:
        """Its client does not take what it was sent. Too many of them, or too much: the first is cut off."""
        self.sent(holder)
        self._unsent[holder] = size
        self._unsent_bytes += size
        while len(self._unsent) > 1 and (
            len(self._unsent) > MAX_UNSENT_CONNECTIONS or self._unsent_bytes > MAX_UNSENT_BYTES
        ):
            self._end(next(iter(self._unsent)))

    def sent(self, holder: Holder) -> None:
        self._unsent_bytes -= self._unsent.pop(holder, 0)

    def end_slow_bodies(self) -> bool:
        """Where too many are in flight: ends those that have waited for a body for long. Whether there were any."""
        now = self._time()
        if now - self._slow_looked_for < SLOW_SECONDS / 10:
            return False
        self._slow_looked_for = now
        slow = [holder for holder in self._held if holder.awaits_body() and self._waited(holder, now) > SLOW_SECONDS]
        for holder in slow:
            self._end(holder)
        return bool(slow)

    def _make_room(self) -> bool:
        now = self._time()
        young: Holder | None = None
        for _ in range(min(_LOOKED_AT, len(self._held))):
            holder = next(iter(self._held))
            waited = self._waited(holder, now)
            if waited > SLOW_SECONDS:
                self._end(holder)
                return True
            if young is None and holder.is_half():
                young = holder
            self._held.move_to_end(holder)
        if young is not None:
            self._end(young)
        return young is not None

    def _end(self, holder: Holder) -> None:
        self.leave(holder)
        holder.give_up()

    @staticmethod
    def _waited(holder: Holder, now: float) -> float:
        since = holder.waiting_since()
        return -1.0 if since is None else now - since
