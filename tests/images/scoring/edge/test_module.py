"""The module loop against an edge hub in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts.card import artifact_digest
from images.edge_hub.messages import Inbound, Outbound
from images.scoring.edge.module import ModuleLoop
from images.scoring.metrics import Metrics
from images.scoring.request import Request
from images.scoring.service.scoring import Answer
from images.scoring.service.service import Service
from tests.images.scoring.conftest import ANOMALY, BODY, NORMAL, Serve
from tests.images.scoring.edge.fake_client import FakeClient
from tests.waiting import DEADLINE_S

MANY = 5000


def message(number: int = 0, body: bytes = BODY, input_name: str = "amlInput") -> Inbound:
    return Inbound(input_name=input_name, body=body, message_id=f"m{number}", correlation_id=f"c{number}")


class Running:
    def __init__(self, loop: ModuleLoop, metrics: Metrics) -> None:
        self.loop = loop
        self._metrics = metrics

    def count(self, series: str) -> float:
        lines = self._metrics.render().decode().splitlines()
        return float(next(line for line in lines if line.startswith(series)).rsplit(" ", 1)[1])

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # noqa: ASYNC110 - the condition may be on any object
                await asyncio.sleep(0.005)


@asynccontextmanager
async def running(client: FakeClient, service: Service, *, as_list: bool = False) -> AsyncIterator[Running]:
    metrics = Metrics()
    loop = ModuleLoop(client, service, metrics.worker(0), as_list=as_list, retry_seconds=0.01)
    task = asyncio.create_task(loop.run())
    try:
        yield Running(loop, metrics)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await loop.drain(seconds=0.01)


async def test_a_message_goes_out_scored_with_the_contracts_properties(service: Service, artifact: Path) -> None:
    client = FakeClient(queued=[message(1), message(2, json.dumps(ANOMALY).encode())])
    async with running(client, service) as module:
        await module.until(lambda: len(client.sent) == 2)
        first, second = client.sent
        assert json.loads(first.body) == {**NORMAL, "anomaly": False}
        assert json.loads(second.body) == {**ANOMALY, "anomaly": True}
        assert (first.output_name, first.message_id, first.correlation_id) == ("amlOutput", "m1", "c1")
        assert first.properties == {"AzureMLResponse": "OK", "model": artifact_digest(artifact)[:12]}


async def test_a_message_without_an_id_gets_one(service: Service) -> None:
    client = FakeClient(queued=[Inbound(input_name="amlInput", body=BODY)] * 2)
    async with running(client, service) as module:
        await module.until(lambda: len(client.sent) == 2)
        assert len({sent.message_id for sent in client.sent}) == 2


async def test_the_list_form_is_a_setting_for_messages_too(service: Service) -> None:
    client = FakeClient(queued=[message()])
    async with running(client, service, as_list=True) as module:
        await module.until(lambda: len(client.sent) == 1)
        assert json.loads(json.loads(client.sent[0].body)[0])["anomaly"] is False


async def test_what_the_hub_had_queued_is_delivered_on_connecting_and_scored_in_order(service: Service) -> None:
    client = FakeClient(queued=[message(number) for number in range(500)])
    async with running(client, service) as module:
        await module.until(lambda: len(client.sent) == 500)
        assert [sent.message_id for sent in client.sent] == [f"m{number}" for number in range(500)]


async def test_a_hub_that_is_not_there_yet_is_waited_for(service: Service) -> None:
    client = FakeClient(queued=[message()])
    client.open_failures = 3
    async with running(client, service) as module:
        await module.until(lambda: len(client.sent) == 1)


async def test_a_send_that_fails_is_tried_again_and_order_is_kept(service: Service) -> None:
    client = FakeClient(queued=[message(number) for number in range(3)], failures=4)
    async with running(client, service) as module:
        await module.until(lambda: len(client.sent) == 3)
        assert [sent.message_id for sent in client.sent] == ["m0", "m1", "m2"]
        assert module.count("scoring_send_retries_total") == 4


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (message(7, b"no json"), "message m7 dropped: body is not JSON"),
        (message(7, b'{"machine":{}}'), "message m7 dropped: machine.temperature is missing"),
        (message(7, input_name="other"), "message m7 dropped: input is 'other', allowed is 'amlInput'"),
        (message(7, b"[%b]" % b",".join([BODY] * 10)), "message m7 dropped: larger than 256 KB"),
    ],
)
async def test_a_message_that_cannot_be_scored_is_dropped_with_one_line_and_the_next_one_served(
    service: Service, caplog: pytest.LogCaptureFixture, bad: Inbound, reason: str
) -> None:
    client = FakeClient(queued=[bad, message(8)], largest=1000)
    async with running(client, service) as module:
        await module.until(lambda: len(client.sent) == 1)
        assert client.sent[0].message_id == "m8"
        assert module.count('scoring_messages_total{outcome="dropped"}') == 1
        assert module.count('scoring_messages_total{outcome="scored"}') == 1
    assert len([line for line in caplog.messages if line.startswith(reason)]) == 1


async def test_draining_scores_and_sends_everything_that_was_accepted(service: Service) -> None:
    client = FakeClient(queued=[message(number) for number in range(50)])
    client.late = [message(50), message(51)]
    client.up.clear()
    async with running(client, service) as module:
        await module.until(lambda: client.attempts == 1)
        draining = asyncio.create_task(module.loop.drain(seconds=5))
        await module.until(lambda: client.stopped)
        assert not client.closed
        client.up.set()
        assert await draining == 0
        assert [sent.message_id for sent in client.sent] == [f"m{number}" for number in range(52)]
        assert client.closed


async def test_draining_ends_at_its_deadline_and_says_what_is_left(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    client = FakeClient(queued=[message(number) for number in range(3)])
    client.up.clear()
    async with running(client, service) as module:
        await module.until(lambda: client.attempts == 1)
        assert module.count("scoring_messages_waiting") == 3
        assert await module.loop.drain(seconds=0.05) == 3
    assert "stopping; messages that were accepted and not sent: 3" in caplog.messages


async def test_a_worker_on_a_device_serves_messages_and_http_and_drains_both(serve: Serve) -> None:
    client = FakeClient(queued=[message(1)])
    async with serve(client=lambda: client) as served:
        assert (await served.score(NORMAL)).json["anomaly"] is False

        async def sent() -> bool:
            return len(client.sent) == 1

        await served.until(sent)
        client.late = [message(2)]
        served.worker.stop()
        assert await asyncio.wait_for(served.task, DEADLINE_S) == 0
        assert [outbound.message_id for outbound in client.sent] == ["m1", "m2"]
        assert client.closed


async def test_messages_and_requests_do_not_starve_each_other(serve: Serve) -> None:
    client = FakeClient(queued=[message(number) for number in range(MANY)])
    async with serve(client=lambda: client) as served:
        connection = await served.connect()
        answered = 0
        while len(client.sent) < MANY:
            before = len(client.sent)
            assert (await connection.request("/score", BODY)).status == 200
            answered += 1
            # a request waits for some turns of the loop, not for the queue; and the queue goes on meanwhile
            assert before < len(client.sent) or before == MANY
            assert len(client.sent) - before < 2000
        print("ANSWERED", answered)
        assert answered > 50


async def test_a_message_is_acknowledged_when_its_answer_is_with_the_hub_or_it_is_dropped(service: Service) -> None:
    acknowledged: list[str] = []

    def delivered(name: str, body: bytes = BODY) -> Inbound:
        return Inbound(input_name="amlInput", body=body, message_id=name, acknowledge=lambda: acknowledged.append(name))

    client = FakeClient()
    async with running(client, service) as module:
        client.up.clear()
        await module.until(lambda: client.opened)
        for one in (delivered("sent"), delivered("dropped", b"{}"), delivered("after")):
            client.deliver(one)
        await module.until(lambda: client.attempts == 1)
        assert acknowledged == []
        client.up.set()
        await module.until(lambda: len(client.sent) == 2)
        await module.until(lambda: acknowledged == ["sent", "dropped", "after"])


@pytest.mark.parametrize("fails", ["decoding", "sending"])
async def test_a_message_that_nobody_thought_of_is_dropped_and_the_module_goes_on(
    service: Service, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    client = FakeClient(queued=[message(1), message(2)])
    answer, send = service.answer, client.send

    def odd(request: Request) -> Answer | Awaitable[Answer]:
        if fails == "decoding" and client.attempts == 0:
            client.attempts = 1
            raise MemoryError
        return answer(request)

    async def odd_send(sent: Outbound) -> None:
        if fails == "sending" and sent.message_id == "m1":
            raise TypeError("a property is no text")
        await send(sent)

    monkeypatch.setattr(service, "answer", odd)
    monkeypatch.setattr(client, "send", odd_send)
    async with running(client, service) as module:
        await module.until(lambda: len(client.sent) == 1)
        assert client.sent[0].message_id == "m2"
        assert module.count('scoring_messages_total{outcome="dropped"}') == 1
