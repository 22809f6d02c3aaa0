"""Everything the stand-in remembers, as documents in one SQLite file.

WAL with synchronous=NORMAL: a commit outlives `kill -9` of the process. One connection, used from the event loop's
thread only; a write outside `transaction()` commits by itself before it returns. https://sqlite.org/wal.html
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Rows = list[tuple[Any, ...]]
Documents = list[tuple[str, dict[str, Any]]]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""


class Store:
    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(_SCHEMA)
        self._depth = 0

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        rows = self.execute("SELECT value FROM documents WHERE kind = ? AND key = ?", (kind, key))
        if not rows:
            return None
        value: dict[str, Any] = json.loads(rows[0][0])
        return value

    def put(self, kind: str, key: str, value: dict[str, Any]) -> None:
        text = json.dumps(value, separators=(",", ":"))
        self.execute("INSERT OR REPLACE INTO documents (kind, key, value) VALUES (?, ?, ?)", (kind, key, text))

    def once(self, kind: str, key: str, make: Callable[[], str]) -> str:
        """A text that is made the first time that it is asked for, such as a key that holds over a restart."""
        saved = self.get(kind, key)
        if saved is None:
            saved = {"value": make()}
            self.put(kind, key, saved)
        return str(saved["value"])

    def delete(self, kind: str, key: str) -> bool:
        gone = self._connection.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
        return gone.rowcount > 0

    def list(self, kind: str, prefix: str = "") -> Documents:
        """Documents of a kind whose key starts with `prefix`, in key order."""
        rows = self.execute(
            "SELECT key, value FROM documents WHERE kind = ? AND key >= ? AND key < ? ORDER BY key",
            (kind, prefix, prefix + "\U0010ffff"),
        )
        return [(key, json.loads(value)) for key, value in rows]

    def delete_all(self, kind: str, prefix: str = "") -> int:
        gone = self._connection.execute(
            "DELETE FROM documents WHERE kind = ? AND key >= ? AND key < ?", (kind, prefix, prefix + "\U0010ffff")
        )
        return gone.rowcount

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> Rows:
        """For a service with tables of its own (a message log); it creates them IF NOT EXISTS."""
        return self._connection.execute(statement, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a nested one joins the outer one. Never await inside: others would join it too."""
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        self._connection.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        else:
            self._connection.execute("COMMIT")
        finally:
            self._depth = 0

    def close(self) -> None:
        self._connection.close()
