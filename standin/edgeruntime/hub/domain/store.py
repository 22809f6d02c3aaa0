"""What survives the hub: queued messages and small documents, in SQLite. One writer and group commit: everything read
in one turn of the loop is one transaction, and only then do the acknowledgements go out.

`synchronous=NORMAL` outlives the process (kill -9), `FULL` also a loss of power, at an fsync per group.
https://www.sqlite.org/pragma.html#pragma_synchronous
With NORMAL only checkpoints reach for the disk, and every module waits meanwhile: 5 to 50 ms. The write-ahead log may
therefore grow longer than SQLite's 1,000 pages before it is copied into the database and written anew from its start.
https://www.sqlite.org/wal.html#ckpt
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

Durability = Literal["NORMAL", "FULL"]
RETRY_S = 1.0
LOG_PAGES = 8_000
"""Of 4 KB each. What a message leaves in the database by then is little: it is deleted once it is delivered."""

log = logging.getLogger("edgehub.store")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queue(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, priority INTEGER NOT NULL, expires REAL NOT NULL,
  head TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS document(kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(kind, key));
"""
_INSERT = "INSERT INTO queue(seq, endpoint, priority, expires, head, body) VALUES(?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM queue WHERE seq = ?"
_PUT = "INSERT INTO document VALUES(?, ?, ?) ON CONFLICT(kind, key) DO UPDATE SET value = excluded.value"
_DROP = "DELETE FROM document WHERE kind = ? AND key = ?"

Row = tuple[int, str, int, float, str, bytes]


class _Group:
    """What the next transaction holds, and who waits for it."""

    def __init__(self) -> None:
        self.messages: list[Row] = []
        self.settled: list[tuple[int]] = []
        self.documents: dict[tuple[str, str], str | None] = {}
        self.waiting: list[Callable[[], None]] = []

    def __bool__(self) -> bool:
        return bool(self.messages or self.settled or self.documents or self.waiting)


class Store:
    def __init__(self, path: Path, *, durability: Durability = "NORMAL") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._full = durability == "FULL"
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={durability}")
        self._db.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        self._db.executescript(_SCHEMA)
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'queue'").fetchone()
        self._seq: int = row[0] if row else 0
        self._group = _Group()
        self._task: asyncio.Task[None] | None = None
        self.commits = 0
        self.failing = False
        self.id = self._identity()

    def add(self, endpoint: str, priority: int, expires: float, head: str, body: bytes) -> int:
        self._seq += 1
        self._group.messages.append((self._seq, endpoint, priority, expires, head, body))
        self._kick()
        return self._seq

    def settle(self, seq: int) -> None:
        self._group.settled.append((seq,))
        self._kick()

    def put(self, kind: str, key: str, value: Any) -> None:
        self._group.documents[kind, key] = json.dumps(value, separators=(",", ":"))
        self._kick()

    def drop(self, kind: str, key: str) -> None:
        self._group.documents[kind, key] = None
        self._kick()

    def then(self, call: Callable[[], None]) -> None:
        """Calls back once all that was written before is durable."""
        self._group.waiting.append(call)
        self._kick()

    async def flushed(self) -> None:
        done = asyncio.Event()
        self.then(done.set)
        await done.wait()

    def message(self, seq: int) -> tuple[str, bytes]:
        head, body = self._db.execute("SELECT head, body FROM queue WHERE seq = ?", (seq,)).fetchone()
        return head, body

    def queued(self) -> Iterator[tuple[int, str, int, float]]:
        yield from self._db.execute("SELECT seq, endpoint, priority, expires FROM queue ORDER BY seq")

    def documents(self, kind: str) -> dict[str, Any]:
        rows = self._db.execute("SELECT key, value FROM document WHERE kind = ?", (kind,))
        return {key: json.loads(value) for key, value in rows}

    async def close(self) -> None:
        if self._group or self._task:
            await self.flushed()
        if self._task:
            await self._task
        self._db.close()

    def _identity(self) -> str:
        """Names this store to the cloud: message numbers are unique within it."""
        known = self.documents("store").get("id")
        if isinstance(known, str):
            return known
        made = secrets.token_hex(8)
        self._db.execute(_PUT, ("store", "id", json.dumps(made)))
        return made

    def _kick(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._group:
                group, self._group = self._group, _Group()
                await self._write(group)
                for call in group.waiting:
                    call()
                await asyncio.sleep(0)  # one more round of reading fills the next group
        finally:
            self._task = None

    async def _write(self, group: _Group) -> None:
        while True:
            try:
                if self._full:
                    await asyncio.get_running_loop().run_in_executor(None, self._commit, group)
                else:
                    self._commit(group)
                self.failing = False
                return
            except sqlite3.OperationalError as problem:  # disk full or locked: nothing is acknowledged until it is over
                log.error("the store cannot be written, trying again: %s", problem)
                self.failing = True
                self._make_room()
                await asyncio.sleep(RETRY_S)

    def _make_room(self) -> None:
        """A log that cannot grow is copied into the database, and the next transaction begins it anew."""
        with contextlib.suppress(sqlite3.OperationalError):
            self._db.execute("PRAGMA wal_checkpoint")

    def _commit(self, group: _Group) -> None:
        kept = [(kind, key, value) for (kind, key), value in group.documents.items() if value is not None]
        dropped = [name for name, value in group.documents.items() if value is None]
        self._db.execute("BEGIN")
        try:
            for statement, rows in (
                (_INSERT, group.messages),
                (_DELETE, group.settled),
                (_PUT, kept),
                (_DROP, dropped),
            ):
                if rows:
                    self._db.executemany(statement, rows)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self.commits += 1
