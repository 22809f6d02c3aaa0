"""The store's promises: durable writes, all-or-nothing transactions, prefixes; and what the clock keeps in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from standin.core.clock import Clock
from standin.core.store import Store
from tests.waiting import DEADLINE_S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "s.db")
    yield store
    store.close()


def test_a_document_comes_back_until_it_is_deleted(store: Store) -> None:
    store.put("k", "a", {"n": [1, "ü"]})
    assert store.get("k", "a") == {"n": [1, "ü"]}
    assert store.get("other", "a") is None
    assert (store.delete("k", "a"), store.delete("k", "a")) == (True, False)


def test_a_prefix_lists_its_keys_in_order_and_no_others(store: Store) -> None:
    for key in ("/a/2", "/a/1", "/ab", "/b", "/a/ü"):
        store.put("k", key, {})
    assert [key for key, _ in store.list("k", "/a/")] == ["/a/1", "/a/2", "/a/ü"]
    assert store.delete_all("k", "/a") == 4
    assert [key for key, _ in store.list("k")] == ["/b"]


def test_a_failed_transaction_changes_nothing_even_where_it_is_nested(store: Store) -> None:
    with pytest.raises(RuntimeError), store.transaction():
        store.put("k", "a", {})
        with store.transaction():
            store.put("k", "b", {})
        raise RuntimeError
    assert store.list("k") == []


def test_another_connection_sees_what_was_committed_only(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "s.db")
    with store.transaction():
        store.put("k", "a", {})
        assert other.get("k", "a") is None
    assert other.get("k", "a") == {}
    other.close()


def test_the_clock_keeps_its_offset_over_a_restart(store: Store) -> None:
    before = Clock(store).now()
    Clock(store).advance(3600)
    assert Clock(store).now() - before >= timedelta(hours=1)
    Clock(store).reset()
    assert Clock(store).now() - before < timedelta(minutes=1)
    with pytest.raises(ValueError, match="forward"):
        Clock(store).advance(-1)


async def test_a_sleeper_wakes_when_the_clock_jumps_over_its_time() -> None:
    clock = Clock()
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    clock.advance(1800)
    await asyncio.sleep(0.01)
    assert not sleeper.done()
    clock.advance(1801)
    await asyncio.wait_for(sleeper, DEADLINE_S)
