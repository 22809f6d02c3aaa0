"""The replay module: settings, rows, and its loop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from clone.rows import packed_golden
from contracts.card import Body, Golden
from images.edge_hub.messages import ClientFailed, Handlers, MessageRefused, Outbound
from images.replay.loop import ReplayLoop
from images.replay.rows import Row, read_rows
from images.replay.settings import Settings, read_settings
from images.sending.settings import SettingsError
from tests.contracts.test_card import CARD
from tests.waiting import eventually

QUICK = 0.001
ROWS = [b'{"speed":1}', b'{"speed":2}', b'{"speed":3}']
PNG = b"\x89PNG\r\n\x1a\n"


class FakeHub:
    def __init__(self) -> None:
        self.sent: list[Outbound] = []
        self.refused: list[bytes] = []
        self.failures = 0

    async def open(self, handlers: Handlers) -> None:
        self._fail()

    async def send(self, message: Outbound) -> None:
        self._fail()
        if message.body in self.refused:
            raise MessageRefused("too large")
        self.sent.append(message)

    async def close(self) -> None:
        return None

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise ClientFailed("not now")


def replay(hub: FakeHub, *, loop: bool = True) -> ReplayLoop:
    return ReplayLoop(hub, Settings(interval_seconds=QUICK, loop=loop), [Row(row) for row in ROWS], retry_seconds=QUICK)


def bodies(hub: FakeHub) -> list[bytes]:
    return [message.body for message in hub.sent]


async def test_it_sends_the_rows_in_order_and_begins_again_until_it_is_told_to_stop() -> None:
    hub = FakeHub()
    sender = replay(hub)
    running = asyncio.create_task(sender.run())
    await eventually(lambda: len(hub.sent) >= 7, what="seven rows")
    sender.stop()
    await running

    assert bodies(hub)[:7] == [*ROWS, *ROWS, ROWS[0]]
    assert [message.properties["sequenceNumber"] for message in hub.sent[:4]] == ["1", "2", "3", "4"]
    assert len({message.message_id for message in hub.sent}) == len(hub.sent)


async def test_without_a_loop_it_falls_silent_after_the_last_row_and_stays() -> None:
    hub = FakeHub()
    sender = replay(hub, loop=False)
    running = asyncio.create_task(sender.run())
    await eventually(lambda: sender.sent == len(ROWS), what="all rows")

    assert not (await asyncio.wait([running], timeout=QUICK * 20))[0], "it ended: the agent would start it again"
    assert bodies(hub) == ROWS
    sender.stop()
    await running


async def test_what_the_hub_has_not_confirmed_is_sent_again_and_what_it_refuses_is_left_out() -> None:
    hub = FakeHub()
    hub.failures, hub.refused = 3, [ROWS[1]]
    sender = replay(hub, loop=False)
    running = asyncio.create_task(sender.run())
    await eventually(lambda: sender.sent == len(ROWS), what="all rows")
    sender.stop()
    await running

    assert bodies(hub) == [ROWS[0], ROWS[2]]


async def test_it_stops_while_it_cannot_connect() -> None:
    hub = FakeHub()
    hub.failures = 1_000_000
    sender = replay(hub)
    running = asyncio.create_task(sender.run())
    sender.stop()
    await running

    assert hub.sent == []


def test_its_environment_is_spelt_as_the_sensors() -> None:
    assert read_settings({}) == Settings(interval_seconds=5.0, loop=True)
    given = read_settings({"MessageDelay": "00:00:00.1000000", "Loop": "False", "RowsFile": "/tmp/rows"})
    assert given == Settings(interval_seconds=0.1, loop=False, rows=Path("/tmp/rows"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MessageDelay", "5", "MessageDelay is '5', must be a time span above zero as hh:mm:ss"),
        ("Loop", "once", "Loop is 'once', allowed are true and false"),
    ],
)
def test_a_wrong_setting_is_refused_naming_what_is_allowed(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings({name: value})


def test_an_image_without_rows_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\n")

    with pytest.raises(SettingsError, match=r"rows\.jsonl cannot be read: No such file"):
        read_rows(tmp_path / "rows.jsonl")
    with pytest.raises(SettingsError, match="empty has no row, at least one is wanted"):
        read_rows(tmp_path / "empty")


def test_a_row_may_be_a_body_of_another_media_type(tmp_path: Path) -> None:
    form = "multipart/form-data; boundary=x"
    card = replace(
        CARD,
        golden=(
            Golden(name="json", input={"speed": 1}, output=1),
            Golden(name="picture", body=Body("image/png", PNG), output=1),
            Golden(name="form", body=Body(form, b"--x--\r\n"), output=1),
        ),
    )
    (tmp_path / "rows.jsonl").write_bytes(packed_golden(card))

    assert read_rows(tmp_path / "rows.jsonl") == [
        Row(b'{"speed":1}', "application/json"),
        Row(PNG, "image/png"),
        Row(b"--x--\r\n", form),
    ]


async def test_a_message_says_what_its_body_is() -> None:
    hub = FakeHub()
    rows = [Row(PNG, "image/png"), Row(b"{}")]
    sender = ReplayLoop(hub, Settings(interval_seconds=QUICK, loop=False), rows, retry_seconds=QUICK)
    running = asyncio.create_task(sender.run())
    await eventually(lambda: sender.sent == 2, what="all rows")
    sender.stop()
    await running

    assert [(message.body, message.content_type) for message in hub.sent] == [
        (PNG, "image/png"),
        (b"{}", "application/json"),
    ]
