from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from azure.eventhub import EventData

from cli.errors import Refused
from cli.events.endpoint import BuiltInEndpoint, built_in_endpoint
from cli.events.message import Repeats, as_line, message_of
from cli.events.reader import starting_position
from cli.stack.outputs import Hub
from tests.cli.messages import message


def test_a_message_is_read_from_an_event() -> None:
    event = EventData(b'{"anomaly": true}')
    event.message_id, event.content_type = "m1", "application/json"
    event.properties = {b"model": b"abc", "count": 3}
    event.raw_amqp_message.annotations = {b"iothub-connection-device-id": b"edge-01", b"x-opt-sequence-number": 9}
    message = message_of("1", event)
    assert (message.id, message.device, message.module, message.sequence) == ("m1", "edge-01", None, 9)
    assert (message.body, dict(message.properties)) == ({"anomaly": True}, {"model": "abc", "count": 3})
    json.dumps(message.as_json())


def test_a_body_that_is_no_json_is_shown_as_text() -> None:
    assert message_of("0", EventData(b"\xff hello")).body == "\ufffd hello"


def test_repeats_are_counted_by_message_id() -> None:
    repeats = Repeats()
    shown = [repeats.is_new(message(id)) for id in ("a", "b", "a", None, None, "a")]
    assert shown == [True, True, False, True, True, False]
    assert repeats.count == 2


def test_the_start_is_latest_earliest_or_a_time() -> None:
    assert starting_position("latest") == ("@latest", False)
    assert starting_position("earliest") == ("-1", False)
    assert starting_position("2026-11-21T12:00:00") == (datetime(2026, 11, 21, 12, tzinfo=UTC), True)
    with pytest.raises(Refused, match="--from 'yesterday' is refused"):
        starting_position("yesterday")


def test_a_line_says_when_who_and_what() -> None:
    text = as_line(message())
    assert text == f'12:00:00.250  edge-01/scorer  {{"anomaly": false}}  [AzureMLResponse=OK model={"a" * 12}]'


def test_a_missing_subscription_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    monkeypatch.delenv("ARM_SUBSCRIPTION_ID", raising=False)
    with pytest.raises(Refused, match="AZURE_SUBSCRIPTION_ID is not set"):
        built_in_endpoint(Hub("a", "b", "c", "d"))


def test_the_endpoints_key_is_not_in_its_representation() -> None:
    endpoint = BuiltInEndpoint(namespace="n", name="e", consumer_group="c", key="hunter2")
    assert "hunter2" not in repr(endpoint)


def test_what_a_device_sends_is_one_line_that_moves_no_cursor() -> None:
    event = EventData("\x1b[2J first\nsecond \x9b31m")
    event.properties = {"note": "a\u202eb\r"}
    assert as_line(message_of("0", event)).isprintable()
