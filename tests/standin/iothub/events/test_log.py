"""The partitioned log: order, durability, retention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from standin.iothub.events.log import Entry, EventLog

START = datetime(2026, 1, 1, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def open_log(path: Path, time: Time, *, partitions: int = 2) -> EventLog:
    return EventLog(path / "events.db", partitions=partitions, retention=timedelta(days=1), now=time)


@pytest.fixture
def log(tmp_path: Path, time: Time) -> Iterator[EventLog]:
    opened = open_log(tmp_path, time)
    yield opened
    opened.close()


def put(log: EventLog, *texts: str, partition: int = 0) -> None:
    log.append(Entry(partition, lambda sequence, _, text=text: f"{sequence}:{text}".encode()) for text in texts)  # type: ignore[misc]


def read(log: EventLog, sequence: int = 0, limit: int = 100, partition: int = 0) -> list[str]:
    return [body.decode() for body in log.read(partition, sequence, limit)[1]]


def test_messages_come_back_in_order_with_their_numbers(log: EventLog) -> None:
    put(log, "a", "b")
    put(log, "c")
    put(log, "other", partition=1)
    assert read(log) == ["0:a", "1:b", "2:c"]
    assert read(log, 1, limit=1) == ["1:b"]
    assert read(log, partition=1) == ["0:other"]


def test_another_process_finds_what_was_appended_although_nothing_was_closed(tmp_path: Path, time: Time) -> None:
    first = open_log(tmp_path, time)
    put(first, "a", "b")
    second = open_log(tmp_path, time)
    assert read(second) == ["0:a", "1:b"]
    put(second, "c")
    assert second.state(0).last_sequence == 2
    first.close()
    second.close()


def test_an_append_that_fails_leaves_nothing(log: EventLog) -> None:
    def broken(sequence: int, enqueued: int) -> bytes:
        raise ValueError("no body")

    heard: list[int] = []
    log.listen(heard.append)
    with pytest.raises(ValueError, match="no body"):
        log.append([Entry(0, lambda *_: b"good"), Entry(0, broken)])
    assert read(log) == []
    assert heard == []
    put(log, "next")
    assert read(log) == ["0:next"]


def test_listeners_hear_of_a_partition_until_they_stop(log: EventLog) -> None:
    heard: list[int] = []
    stop = log.listen(heard.append)
    put(log, "a", "b", partition=1)
    stop()
    put(log, "c")
    assert heard == [1]


def test_what_is_no_longer_in_memory_is_read_from_the_file(log: EventLog) -> None:
    put(log, *(str(number) for number in range(5000)))
    assert read(log, 0, limit=2) == ["0:0", "1:1"]
    assert read(log, 4998) == ["4998:4998", "4999:4999"]
    seen: list[str] = []
    while len(seen) < 5000:
        seen += read(log, len(seen), limit=700)
    assert seen == [f"{number}:{number}" for number in range(5000)]


def test_messages_older_than_the_retention_go_and_their_numbers_are_not_used_again(tmp_path: Path, time: Time) -> None:
    log = open_log(tmp_path, time)
    put(log, "old", "old")
    time.now += timedelta(hours=23)
    put(log, "young")
    time.now += timedelta(hours=2)
    put(log, "new")
    assert read(log) == ["2:young", "3:new"]
    assert log.state(0).first_sequence == 2
    log.close()
    time.now += timedelta(days=3)
    again = open_log(tmp_path, time)
    assert read(again) == []
    assert again.state(0).empty
    assert again.state(0).last_sequence == 3
    put(again, "after")
    assert read(again) == ["4:after"]
    again.close()


def test_time_never_runs_backwards_within_a_partition(log: EventLog, time: Time) -> None:
    put(log, "a")
    time.now -= timedelta(hours=1)
    put(log, "b")
    assert log.state(0).last_enqueued_ms == int(START.timestamp() * 1000)
    assert log.after_time(0, int(START.timestamp() * 1000), inclusive=True) == 0


def test_an_empty_partition_says_so(log: EventLog) -> None:
    state = log.state(1)
    assert (state.empty, state.first_sequence, state.last_sequence, state.last_offset) == (True, 0, -1, "-1")


def test_one_device_always_writes_to_the_same_partition(log: EventLog) -> None:
    assert {log.partition_of("edge-01") for _ in range(3)} == {log.partition_of("edge-01")}
    assert {log.partition_of(f"edge-{number}") for number in range(50)} == {0, 1}
