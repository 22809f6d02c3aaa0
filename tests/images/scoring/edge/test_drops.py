"""What a scorer drops, on its twin: on change, bounded, and of this process alone."""

from __future__ import annotations

import asyncio
from typing import Any

from images.edge_hub.messages import Inbound
from images.scoring.edge import drops as module
from images.scoring.edge.drops import GOOD_AGAIN, LONGEST_REASON, Drops, keep_told
from images.scoring.edge.module import ModuleLoop
from images.scoring.metrics import Metrics
from images.scoring.service.service import Service
from tests.images.scoring.conftest import BODY
from tests.images.scoring.edge.fake_client import FakeClient
from tests.waiting import eventually


def told(drops: Drops) -> dict[str, Any]:
    reported: dict[str, Any] = drops.reported()["dropped"]
    return reported


def test_a_new_process_takes_away_what_the_one_before_left() -> None:
    drops = Drops()

    assert drops.changed.is_set()
    assert drops.reported() == {"dropped": {"count": 0, "reasons": None, "dropping": False, "last": None}}


def test_drops_are_counted_by_kind_with_the_last_reason() -> None:
    drops = Drops()
    drops.dropped("BadRequest", "speed is missing")
    drops.dropped("RunFailed", "x" * 10_000)
    drops.dropped("BadRequest", "speed is 'fast'")

    assert (told(drops)["count"], told(drops)["reasons"]) == (3, {"BadRequest": 2, "RunFailed": 1})
    assert told(drops)["last"]["reason"] == "speed is 'fast'"
    drops.dropped("RunFailed", "x" * 10_000)
    assert len(told(drops)["last"]["reason"]) == LONGEST_REASON


def test_it_drops_until_many_in_a_row_were_scored() -> None:
    drops = Drops()
    drops.dropped("BadRequest", "speed is missing")
    for _ in range(GOOD_AGAIN - 1):
        drops.scored()
    assert told(drops)["dropping"]
    drops.dropped("BadRequest", "speed is missing")
    for _ in range(GOOD_AGAIN):
        drops.scored()

    assert not told(drops)["dropping"]
    assert told(drops)["count"] == 2


async def test_many_drops_are_few_reports_and_the_last_one_says_all() -> None:
    client, drops = FakeClient(), Drops()
    client.report_failures = 1
    begin = asyncio.get_running_loop().time()
    task = asyncio.create_task(keep_told(drops, client, seconds=0.05))
    for _ in range(500):
        drops.dropped("BadRequest", "speed is missing")
        await asyncio.sleep(0)
    await eventually(lambda: bool(client.reported) and client.reported[-1]["dropped"]["count"] == 500, what="all drops")
    task.cancel()

    assert len(client.reported) <= (asyncio.get_running_loop().time() - begin) / 0.05 + 1


async def test_nothing_is_reported_where_nothing_changes() -> None:
    client, drops = FakeClient(), Drops()
    task = asyncio.create_task(keep_told(drops, client, seconds=0.001))
    await eventually(lambda: len(client.reported) == 1, what="the first report")
    for _ in range(50):
        drops.scored()
    assert not (await asyncio.wait([task], timeout=0.05))[0]
    task.cancel()

    assert len(client.reported) == 1


async def test_the_loop_tells_what_it_drops_and_that_it_is_good_again(service: Service) -> None:
    bad = Inbound(input_name="amlInput", body=b'{"speed": 1}', message_id="m1")
    large = Inbound(input_name="amlInput", body=b"[%b]" % b",".join([BODY] * 10), message_id="m2")
    client = FakeClient(queued=[bad, large], largest=1000)
    loop = ModuleLoop(client, service, Metrics().worker(0), retry_seconds=0.01, report_seconds=0.01)
    task = asyncio.create_task(loop.run())
    reasons = {"BadRequest": 1, "AnswerTooLarge": 1}
    await eventually(lambda: client.reported[-1:] and client.reported[-1]["dropped"]["reasons"] == reasons, what="both")
    assert client.reported[-1]["dropped"]["dropping"]
    for number in range(GOOD_AGAIN):
        client.deliver(Inbound(input_name="amlInput", body=BODY, message_id=f"good{number}"))
    await eventually(lambda: not client.reported[-1]["dropped"]["dropping"], what="the end of dropping")
    assert client.reported[-1]["dropped"]["count"] == 2
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await loop.drain(seconds=0.01)


def test_kinds_of_reasons_are_names_that_a_twin_can_have() -> None:
    """https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-size"""
    for kind in (*_codes(), "AnswerTooLarge"):
        assert kind.isalpha(), f"{kind}: {module.PROPERTY}.reasons.{kind} is a path in the twin"


def _codes() -> list[str]:
    from images.scoring import errors

    return [one.code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "code")]
