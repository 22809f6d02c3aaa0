"""The sensor module: settings, simulation, what it does about twin, control and method, and its loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from images.edge_hub.messages import ClientFailed, Handlers, Inbound, Outbound
from images.sending.settings import SettingsError
from images.sensor.handler import Controls, Refused, apply_desired, asks_for_reset, call_method
from images.sensor.loop import SensorLoop
from images.sensor.settings import Settings, read_settings
from images.sensor.simulation import Simulation
from tests.waiting import DEADLINE_S


def test_the_defaults_are_those_of_microsofts_sensor() -> None:
    assert read_settings({}) == Settings(interval_seconds=5.0, message_count=500)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:05", 5.0),
        ("00:00:00.1", 0.1),
        ("0:01:30.25", 90.25),
        ("1.02:00:00", 93600.0),
        ("00:00:00.0500000", 0.05),
    ],
)
def test_the_message_delay_is_a_dotnet_time_span(text: str, seconds: float) -> None:
    assert read_settings({"MessageDelay": text}).interval_seconds == seconds


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MessageDelay", "5", "MessageDelay is '5', must be a time span above zero as hh:mm:ss"),
        ("MessageDelay", "00:00:00", "MessageDelay is '00:00:00'"),
        ("MessageDelay", "00:61:00", "MessageDelay is '00:61:00'"),
        ("MessageCount", "0", "MessageCount is '0', must be a whole number of at least 1, or -1"),
        ("MessageCount", "many", "MessageCount is 'many'"),
    ],
)
def test_a_wrong_setting_is_refused_naming_what_is_allowed(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings({name: value})


def test_the_machine_warms_up_by_half_a_degree_a_message_then_walks() -> None:
    simulation = Simulation(Random(1).random)
    readings = [simulation.next() for _ in range(1000)]
    temperatures = [reading.machine_temperature for reading in readings]
    warm = next(index for index, temperature in enumerate(temperatures) if temperature > 100)
    assert 130 < warm < 190
    assert min(temperatures[warm:]) > 99
    assert max(abs(b - a) for a, b in zip(temperatures[warm:], temperatures[warm + 1 :], strict=False)) <= 1.25
    for reading in readings:
        assert reading.machine_pressure == pytest.approx(1 + (reading.machine_temperature - 21) * 9 / 79, abs=1e-7)
        assert 20.5 <= reading.ambient_temperature <= 21.5
    assert {reading.ambient_humidity for reading in readings} == {24, 25, 26}


def test_a_reset_machine_is_cold_again() -> None:
    simulation = Simulation(Random(1).random)
    for _ in range(300):
        simulation.next()
    simulation.reset()
    assert simulation.next().machine_temperature < 23


def test_a_readings_body_is_the_contracts() -> None:
    body = json.loads(Simulation().next().body(datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)))
    assert {key: sorted(value) for key, value in body.items() if isinstance(value, dict)} == {
        "machine": ["pressure", "temperature"],
        "ambient": ["humidity", "temperature"],
    }
    assert body["timeCreated"] == "2026-11-21T12:00:00.123456Z"


def test_desired_properties_change_interval_and_sending_and_leave_the_rest() -> None:
    controls = Controls(interval_seconds=5.0)
    assert apply_desired(controls, {"SendInterval": 2, "$version": 3}) == Controls(interval_seconds=2.0)
    assert apply_desired(controls, {"SendData": False}) == Controls(interval_seconds=5.0, sending=False)
    assert apply_desired(controls, {}) == controls


@pytest.mark.parametrize(
    ("desired", "message"),
    [
        ({"SendInterval": 0}, "SendInterval is 0, must be a number of seconds above zero"),
        ({"SendInterval": "2"}, "SendInterval is '2'"),
        ({"SendInterval": True}, "SendInterval is True"),
        ({"SendData": 1}, "SendData is 1, allowed are true and false"),
    ],
)
def test_a_wrong_desired_property_is_refused(desired: Mapping[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        apply_desired(Controls(interval_seconds=1.0), desired)


def test_a_control_message_resets_alone_or_in_a_list() -> None:
    assert asks_for_reset("control", b'{"command":"reset"}')
    assert asks_for_reset("control", b'[{"command":"noop"},{"command":"Reset"}]')
    assert not asks_for_reset("control", b'{"command":"noop"}')


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("other", b"{}", "input is 'other', allowed is 'control'"),
        ("control", b"{", "control message is not JSON"),
        ("control", b"7", "control command is 7, allowed are reset, noop"),
        ("control", b'{"command":"stop"}', "control command is {'command': 'stop'}, allowed are reset, noop"),
    ],
)
def test_a_wrong_control_message_is_refused(name: str, body: bytes, message: str) -> None:
    with pytest.raises(Refused, match=message):
        asks_for_reset(name, body)


def test_the_reset_method_answers_and_any_other_is_not_found() -> None:
    assert (call_method("reset").status, call_method("reset").reset) == (200, True)
    answer = call_method("explode")
    assert (answer.status, answer.reset) == (404, False)
    assert answer.payload == {"error": "method is 'explode', allowed is 'reset'"}


class FakeHub:
    def __init__(self, desired: Mapping[str, Any] | None = None) -> None:
        self._desired = desired or {}
        self.sent: list[Outbound] = []
        self.reported: list[Mapping[str, Any]] = []
        self.failures = 0
        self.open_failures = 0
        self.report_failures = 0
        self.closed = False
        self.news = asyncio.Condition()

    async def open(self, handlers: Handlers) -> None:
        if self.open_failures:
            self.open_failures -= 1
            raise ClientFailed("no hub yet")

    async def desired(self) -> Mapping[str, Any]:
        return self._desired

    async def send(self, message: Outbound) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise ClientFailed("gone")
        self.sent.append(message)
        await self._tell()

    async def report(self, properties: Mapping[str, Any]) -> None:
        if self.report_failures:
            self.report_failures -= 1
            raise ClientFailed("gone")
        self.reported.append(properties)
        await self._tell()

    async def close(self) -> None:
        self.closed = True

    async def _tell(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def until_sent(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE_S), self.news:
            await self.news.wait_for(lambda: len(self.sent) >= count)

    async def until_reported(self, properties: Mapping[str, Any]) -> None:
        async with asyncio.timeout(DEADLINE_S), self.news:
            await self.news.wait_for(lambda: bool(self.reported) and self.reported[-1] == properties)

    async def next_temperatures(self) -> list[float]:
        """Of the next two messages: the first may be in hand already."""
        sent = len(self.sent)
        await self.until_sent(sent + 2)
        return self.temperatures[sent : sent + 2]

    @property
    def temperatures(self) -> list[float]:
        return [json.loads(message.body)["machine"]["temperature"] for message in self.sent]


@asynccontextmanager
async def sensing(hub: FakeHub, *, interval: float = 0.002, count: int = -1) -> AsyncIterator[SensorLoop]:
    settings = Settings(interval_seconds=interval, message_count=count)
    sensor = SensorLoop(hub, settings, Simulation(Random(0).random), retry_seconds=0.001)
    task = asyncio.create_task(sensor.run())
    try:
        yield sensor
    finally:
        sensor.stop()
        await asyncio.wait_for(task, DEADLINE_S)


async def test_messages_carry_sequence_batch_and_an_id_of_their_own() -> None:
    hub = FakeHub()
    async with sensing(hub):
        await hub.until_sent(5)
    assert [message.properties["sequenceNumber"] for message in hub.sent[:5]] == ["1", "2", "3", "4", "5"]
    assert len({message.properties["batchId"] for message in hub.sent}) == 1
    assert len({message.message_id for message in hub.sent}) == len(hub.sent)
    assert {message.output_name for message in hub.sent} == {"temperatureOutput"}


async def test_after_its_count_the_sensor_falls_silent_and_keeps_running() -> None:
    hub = FakeHub()
    async with sensing(hub, count=3) as sensor:
        await hub.until_sent(3)
        sensor.on_desired({"SendInterval": 0.001})
        await hub.until_reported({"SendInterval": 0.001, "SendData": True})
    assert len(hub.sent) == 3


async def test_a_message_that_fails_is_sent_again_and_none_is_left_out_or_out_of_order() -> None:
    hub = FakeHub()
    hub.open_failures = 2
    hub.failures = 10
    async with sensing(hub):
        await hub.until_sent(10)
    numbers = [int(message.properties["sequenceNumber"]) for message in hub.sent]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_the_interval_is_kept() -> None:
    hub = FakeHub()
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with sensing(hub, interval=0.02):
        await hub.until_sent(11)
    # how long it may take at the most is `until_sent`'s matter: a busy machine comes late
    assert loop.time() - began > 0.19


async def test_desired_properties_of_the_start_and_of_a_patch_are_obeyed_and_reported() -> None:
    hub = FakeHub({"SendInterval": 3600, "SendData": True, "$version": 1})
    hub.report_failures = 2
    async with sensing(hub) as sensor:
        await hub.until_reported({"SendInterval": 3600.0, "SendData": True})
        await hub.until_sent(1)
        assert len(hub.sent) == 1
        # counts at once, not in an hour
        sensor.on_desired({"SendInterval": 0.001, "$version": 2})
        await hub.until_sent(5)
        sensor.on_desired({"SendData": False, "$version": 3})
        await hub.until_reported({"SendInterval": 0.001, "SendData": False})
        silent = len(hub.sent)
        sensor.on_desired({"SendInterval": -1, "$version": 4})
        sensor.on_desired({"SendData": True, "$version": 5})
        await hub.until_sent(silent + 2)
        await hub.until_reported({"SendInterval": 0.001, "SendData": True})
    numbers = [int(message.properties["sequenceNumber"]) for message in hub.sent]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_control_message_and_method_cool_the_machine_down() -> None:
    hub = FakeHub()
    async with sensing(hub, interval=0.0005) as sensor:
        await hub.until_sent(60)
        sensor.on_message(Inbound(input_name="control", body=b'{"command":"reset"}'))
        sensor.on_message(Inbound(input_name="control", body=b"nonsense"))
        after_message = await hub.next_temperatures()
        await hub.until_sent(len(hub.sent) + 40)
        assert sensor.on_method("reset").status == 200
        after_method = await hub.next_temperatures()
    assert hub.temperatures[55] > 35
    assert min(after_message) < 25
    assert min(after_method) < 25


async def test_told_to_stop_the_sensor_still_delivers_the_message_in_hand() -> None:
    hub = FakeHub()
    hub.failures = 20
    async with sensing(hub, interval=3600) as sensor:
        while hub.failures == 20:  # noqa: ASYNC110 - until the first attempt, however many turns that takes
            await asyncio.sleep(0)
        sensor.stop()
    assert len(hub.sent) == 1
