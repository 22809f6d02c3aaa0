"""What the hub of an older version left on disk is delivered: rows as these, byte for byte, are in volumes today."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from tests.standin.edgeruntime.running_hub import DEVICE, Site
from tests.waiting import eventually

pytestmark = pytest.mark.slow

SCHEMA = """
CREATE TABLE queue(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, priority INTEGER NOT NULL, expires REAL NOT NULL,
  head TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE document(kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(kind, key));
"""
INPUT = (
    f"devices/{DEVICE}/modules/scorer/inputs/amlInput/"
    f"%24.cdid={DEVICE}&%24.cmid=sensor&%24.ct=application%2Fjson&a=b%20c&a=%2F&%24.mid=7"
)
UPSTREAM = "scorer\n%24.on=amlOutput&%24.mid=%C3%A4&%24.ce=utf-8&a=b%20c"


def write_store(folder: Path) -> None:
    folder.mkdir()
    later = time.time() + 3600
    with sqlite3.connect(folder / "edgehub.db") as db:
        db.executescript(SCHEMA)
        db.executemany(
            "INSERT INTO queue VALUES(?, ?, ?, ?, ?, ?)",
            [
                (3, "$upstream", 2_000_000_000, later, UPSTREAM, b"up"),
                (5, "scorer", 2_000_000_000, later, INPUT, b"second"),
                (8, "scorer", 0, later, f"devices/{DEVICE}/modules/scorer/inputs/other/", b"first"),
            ],
        )
        session = f'["$iothub/methods/POST/#","devices/{DEVICE}/modules/scorer/inputs/#"]'
        db.execute("INSERT INTO document VALUES('session', 'scorer', ?)", (session,))
        db.execute("INSERT INTO document VALUES('store', 'id', '\"0123456789abcdef\"')")
    db.close()


async def test_its_messages_go_where_they_were_going_in_their_order_and_marked(site: Site) -> None:
    write_store(site.root / "store")
    edge = await site.start_edge()
    scorer = await site.connected("scorer")
    first, second = await scorer.receive(), await scorer.receive()
    assert (first.topic, first.body) == (f"devices/{DEVICE}/modules/scorer/inputs/other/", b"first")
    assert (second.topic, second.body) == (INPUT, b"second")
    assert first.again and second.again
    await eventually(lambda: site.hub.messages)
    device, module, message = site.hub.messages[0]
    assert (device, module, message.body) == (DEVICE, "scorer", b"up")
    assert message.system == {"messageId": "ä", "contentEncoding": "utf-8", "outputName": "amlOutput"}
    assert message.properties == {"a": "b c"}
    await eventually(lambda: edge.queues.lengths() == {"$upstream": 0, "scorer": 0})


async def test_its_sessions_hold_and_its_store_keeps_its_name(site: Site) -> None:
    write_store(site.root / "store")
    edge = await site.start_edge()
    assert edge.store.id == "0123456789abcdef"
    scorer = await site.connected("scorer")
    invocation = site.hub.invoke(DEVICE, "scorer", "ping", None)
    while "/methods/" not in (await scorer.receive()).topic:
        pass
    assert not invocation.answer.done()
