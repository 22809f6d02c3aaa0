"""Which answers go to the hub, and what waits for one that takes none."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from images.edge_hub.messages import ClientFailed, MessageRefused, Outbound
from images.image_capture.detector import parsed
from images.image_capture.forwarding import Forwarder
from images.image_capture.settings import Settings
from tests.images.image_capture.test_looking import body
from tests.waiting import DEADLINE_S


class Hub:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.properties: list[Mapping[str, str]] = []
        self.away = False
        self.stores = asyncio.Event()
        """Else it acknowledges nothing, as one whose disk is full."""
        self.stores.set()

    async def send(self, message: Outbound) -> None:
        if self.away:
            raise ClientFailed("away")
        await self.stores.wait()
        assert (message.output_name, message.content_type) == ("output1", "application/json")
        self.sent.append(message.body)
        self.properties.append(message.properties)


async def forwarded(settings: Settings, *answers: bytes) -> list[bytes]:
    hub = Hub()
    forwarder = Forwarder(hub, settings, retry_seconds=0.001)
    task = asyncio.create_task(forwarder.run())
    for answer in answers:
        forwarder.offer(parsed(answer))
        for _ in range(5):
            await asyncio.sleep(0)
    task.cancel()
    return hub.sent


async def test_on_change_an_answer_goes_where_others_are_seen_than_before() -> None:
    one, other, nobody = body("person"), body("person", "person"), body()
    unsure = body("person", probability=0.2)
    settings = Settings(video="x", send_seconds=0)
    assert await forwarded(settings, one, one, other, nobody, unsure, one) == [one, other, nobody, one]


async def test_what_another_model_sees_is_news_and_says_by_which_it_was_seen() -> None:
    hub = Hub()
    forwarder = Forwarder(hub, Settings(video="x", send_seconds=0))
    task = asyncio.create_task(forwarder.run())
    for model in ("", "aaa111", "aaa111", "bbb222"):
        forwarder.offer(replace(parsed(body("person")), model=model))
        for _ in range(5):
            await asyncio.sleep(0)
    task.cancel()
    told = [{"AzureMLResponse": "OK", "model": model} for model in ("aaa111", "bbb222")]
    assert hub.properties == [{}, *told]


async def test_at_an_interval_the_newest_goes() -> None:
    settings = Settings(video="x", send="interval", send_seconds=3600)
    assert await forwarded(settings, body("person"), body(), body("dog")) == [body("person")]
    assert len(await forwarded(Settings(video="x", send="interval", send_seconds=0), *[body("a")] * 4)) == 4


class Small(Hub):
    async def send(self, message: Outbound) -> None:
        if len(message.body) > 1000:
            raise MessageRefused("more than 1000 bytes")
        await super().send(message)


async def test_what_a_refused_answer_saw_is_told_by_the_next_and_the_refusal_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hub, long = Small(), body("person") + b" " * 1000
    forwarder = Forwarder(hub, Settings(video="x", send_seconds=0))
    task = asyncio.create_task(forwarder.run())
    for answer in (body(), long, long, body("person"), body("person")):
        forwarder.offer(parsed(answer))
        for _ in range(5):
            await asyncio.sleep(0)
    task.cancel()
    assert (hub.sent, forwarder.sent) == ([body(), body("person")], 2)
    assert [record.getMessage() for record in caplog.records] == ["an answer is left out: more than 1000 bytes"]


@pytest.mark.parametrize("trouble", ["away", "disk full"])
async def test_while_the_hub_takes_nothing_the_newest_answer_alone_waits(trouble: str) -> None:
    hub = Hub()
    hub.away = trouble == "away"
    if trouble == "disk full":
        hub.stores.clear()
    forwarder = Forwarder(hub, Settings(video="x", send_seconds=0), retry_seconds=0.001)
    task = asyncio.create_task(forwarder.run())
    for number in range(200):
        forwarder.offer(parsed(body(*["person"] * (number % 7))))
        await asyncio.sleep(0)
    forwarder.offer(parsed(body("dog")))
    hub.away = False
    hub.stores.set()
    async with asyncio.timeout(DEADLINE_S):
        while len(hub.sent) < 2:  # noqa: ASYNC110 - the hub of this test has nothing to wait on
            await asyncio.sleep(0.002)
    task.cancel()
    # the one that was on its way, and the newest
    assert len(hub.sent) == 2 and hub.sent[-1] == body("dog")
