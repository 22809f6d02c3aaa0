"""Where a reader starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from standin.iothub.eventhub.selector import SelectorError, start
from standin.iothub.events.log import OFFSET_STEP, EventLog
from tests.standin.iothub.events.test_log import START, Time, open_log, put


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def log(tmp_path: Path, time: Time) -> Iterator[EventLog]:
    opened = open_log(tmp_path, time)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("selector", "first"),
    [
        (None, 0),
        ("amqp.annotation.x-opt-offset > '-1'", 0),
        ("amqp.annotation.x-opt-offset > '@latest'", 10),
        (f"amqp.annotation.x-opt-offset > '{3 * OFFSET_STEP}'", 4),
        (f"amqp.annotation.x-opt-offset >= '{3 * OFFSET_STEP}'", 3),
        (f"amqp.annotation.x-opt-offset >= '{3 * OFFSET_STEP + 1}'", 4),
        ("amqp.annotation.x-opt-sequence-number > '3'", 4),
        ("amqp.annotation.x-opt-sequence-number >= '3'", 3),
        ("amqp.annotation.x-opt-sequence-number > '-1'", 0),
        ("amqp.annotation.x-opt-enqueued-time > '{middle}'", 6),
        ("amqp.annotation.x-opt-enqueued-time >= '{middle}'", 5),
        ("amqp.annotation.x-opt-enqueuedtimeutc > {middle}", 6),
        ("amqp.annotation.x-opt-enqueued-time > '0'", 0),
    ],
)
def test_a_reader_starts_where_its_filter_says(log: EventLog, time: Time, selector: str | None, first: int) -> None:
    for number in range(10):
        put(log, str(number))
        time.now += timedelta(seconds=1)
    middle = int((START + timedelta(seconds=5)).timestamp() * 1000)
    assert start(log, 0, selector and selector.format(middle=middle)) == first


@pytest.mark.parametrize("selector", ["x", "amqp.annotation.x-opt-offset = '1'", "amqp.annotation.x-opt-offset > 'x'"])
def test_a_filter_that_is_not_understood_is_refused(log: EventLog, selector: str) -> None:
    with pytest.raises(SelectorError):
        start(log, 0, selector)
