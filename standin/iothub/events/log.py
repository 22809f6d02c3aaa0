"""The hub's built-in Event Hub: partitions of messages, kept for the retention time.

Every message is encoded once, when it arrives, and lies in SQLite before `append` returns. The newest ones are also in
memory, since most readers follow the tail. Belongs to the event loop's thread.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from standin.iothub.events.tail import Tail

# A row's id holds partition and sequence number, so that a partition is one range of the primary key.
_SEQUENCE_BITS = 40
# Offsets are opaque to clients; a fixed step makes an offset filter arithmetic instead of an index.
OFFSET_STEP = 64
_TRIM_EVERY = timedelta(minutes=1)

# FULL would sync each commit to the disk itself; NORMAL survives the death of the process, which is what is promised.
# Only checkpoints sync then, and all of the stand-in waits for them: with 8,000 pages they are seldom (SQLite: 1,000).
_SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
pragma wal_autocheckpoint = 8000;
create table if not exists event (id integer primary key, enqueued integer not null, body blob not null);
create table if not exists partition (number integer primary key, next_sequence integer not null);
"""

Encoder = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """`encode(sequence number, enqueued time in ms)` gives the message as it will be sent."""

    partition: int
    encode: Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """`last_*` are -1, "-1" and 0 where nothing was ever enqueued."""

    first_sequence: int
    last_sequence: int
    last_offset: str
    last_enqueued_ms: int

    @property
    def empty(self) -> bool:
        return self.first_sequence > self.last_sequence


class EventLog:
    def __init__(self, path: Path, *, partitions: int, retention: timedelta, now: Callable[[], datetime]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_SCHEMA)
        self.partitions = partitions
        self.retention = retention
        self._now = now
        self._listeners: list[Callable[[int], None]] = []
        self._tails = [self._open(number) for number in range(partitions)]
        self._trimmed = now()
        self._trim_all()

    def _open(self, partition: int) -> Tail:
        low, high = _range(partition)
        query = "select min(id), max(id) from event where id between ? and ?"
        first, last = self._database.execute(query, (low, high)).fetchone()
        row = self._database.execute("select next_sequence from partition where number = ?", (partition,)).fetchone()
        following = max(0 if last is None else last - low + 1, row[0] if row else 0)
        enqueued = 0 if last is None else self._enqueued(partition, last - low)
        return Tail(
            first_sequence=following if first is None else first - low, next_sequence=following, enqueued_ms=enqueued
        )

    def close(self) -> None:
        self._database.close()

    def now_ms(self) -> int:
        return int(self._now().timestamp() * 1000)

    def listen(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """`callback(partition)` after each commit; call what is returned to stop."""
        self._listeners.append(callback)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(callback)

        return stop

    def partition_of(self, key: str) -> int:
        return zlib.crc32(key.encode()) % self.partitions

    # -- writing

    def append(self, entries: Iterable[Entry]) -> None:
        """One commit for all of them; they are on disk when this returns. All or none."""
        now = self.now_ms()
        added: dict[int, list[bytes]] = {}
        times: dict[int, int] = {}
        rows: list[tuple[int, int, bytes]] = []
        for entry in entries:
            tail = self._tails[entry.partition]
            fresh = added.setdefault(entry.partition, [])
            # time never runs backwards within a partition: readers search it
            enqueued = times.setdefault(entry.partition, max(now, tail.enqueued_ms))
            sequence = tail.next_sequence + len(fresh)
            body = entry.encode(sequence, enqueued)
            fresh.append(body)
            rows.append((_range(entry.partition)[0] + sequence, enqueued, body))
        if not rows:
            return
        self._commit("insert into event values (?, ?, ?)", rows)
        for partition, bodies in added.items():
            self._tails[partition].extend(bodies, times[partition])
        for partition in added:
            for callback in list(self._listeners):
                callback(partition)
        self._trim_sometimes()

    def _commit(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        self._database.execute("begin immediate")
        try:
            self._database.executemany(statement, rows)
            self._database.execute("commit")
        except BaseException:
            self._database.execute("rollback")
            raise

    # -- reading

    def state(self, partition: int) -> PartitionState:
        tail = self._tails[partition]
        last = tail.next_sequence - 1
        return PartitionState(
            first_sequence=tail.first_sequence,
            last_sequence=last,
            last_offset=str(last * OFFSET_STEP) if last >= 0 else "-1",
            last_enqueued_ms=tail.enqueued_ms,
        )

    def read(self, partition: int, sequence: int, limit: int) -> tuple[int, list[bytes]]:
        """-> (sequence number of the first one, up to `limit` messages from `sequence` on). What was trimmed is
        skipped."""
        tail = self._tails[partition]
        sequence = max(sequence, tail.first_sequence)
        cached = tail.read(sequence, limit)
        if cached is not None:
            return sequence, cached
        low, high = _range(partition)
        query = "select body from event where id between ? and ? order by id limit ?"
        return sequence, [body for (body,) in self._database.execute(query, (low + sequence, high, limit))]

    def after_time(self, partition: int, milliseconds: int, *, inclusive: bool) -> int:
        """The sequence number of the first message enqueued after (or at) that time."""
        tail = self._tails[partition]
        low, high = tail.first_sequence, tail.next_sequence
        while low < high:
            middle = (low + high) // 2
            enqueued = self._enqueued(partition, middle)
            if enqueued > milliseconds or (inclusive and enqueued == milliseconds):
                high = middle
            else:
                low = middle + 1
        return low

    def _enqueued(self, partition: int, sequence: int) -> int:
        query = "select enqueued from event where id = ?"
        (enqueued,) = self._database.execute(query, (_range(partition)[0] + sequence,)).fetchone()
        return int(enqueued)

    # -- retention

    def _trim_sometimes(self) -> None:
        if self._now() - self._trimmed >= _TRIM_EVERY:
            self._trim_all()

    def _trim_all(self) -> None:
        self._trimmed = self._now()
        cutoff = int((self._trimmed - self.retention).timestamp() * 1000)
        for partition, tail in enumerate(self._tails):
            keep = self.after_time(partition, cutoff, inclusive=True)
            if keep > tail.first_sequence:
                self._trim(partition, keep)

    def _trim(self, partition: int, keep: int) -> None:
        tail = self._tails[partition]
        low, _ = _range(partition)
        self._database.execute("begin immediate")
        try:
            # else an emptied partition would begin again at 0, below what its readers have seen
            self._database.execute("insert or replace into partition values (?, ?)", (partition, tail.next_sequence))
            self._database.execute("delete from event where id >= ? and id < ?", (low, low + keep))
            self._database.execute("commit")
        except BaseException:
            self._database.execute("rollback")
            raise
        tail.forget(keep)


def _range(partition: int) -> tuple[int, int]:
    low = partition << _SEQUENCE_BITS
    return low, low + (1 << _SEQUENCE_BITS) - 1
