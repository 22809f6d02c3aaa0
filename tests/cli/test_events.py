from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.eventhub import EventData

from cli.__main__ import main
from cli.commands import monitor, show
from cli.errors import Refused, Unreached
from cli.events import reader as events
from cli.events.reader import Message, Repeats, message_of, starting_position
from cli.stack.outputs import Hub, Outputs


def _message(id: str | None = "m1", **more: Any) -> Message:
    known: dict[str, Any] = {
        "device": "edge-01",
        "module": "scorer",
        "enqueued": datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC),
        "partition": "0",
        "offset": 1,
        "content_type": "application/json",
        "properties": {"AzureMLResponse": "OK", "model": "a" * 12},
        "body": {"anomaly": False},
    }
    return Message(id=id, **{**known, **more})


def test_a_message_is_read_from_an_event() -> None:
    event = EventData(b'{"anomaly": true}')
    event.message_id, event.content_type = "m1", "application/json"
    event.properties = {b"model": b"abc", "count": 3}
    event.raw_amqp_message.annotations = {b"iothub-connection-device-id": b"edge-01", b"x-opt-sequence-number": 9}
    message = message_of("1", event)
    assert (message.id, message.device, message.module, message.offset) == ("m1", "edge-01", None, 9)
    assert (message.body, dict(message.properties)) == ({"anomaly": True}, {"model": "abc", "count": 3})
    json.dumps(message.as_json())


def test_a_body_that_is_no_json_is_shown_as_text() -> None:
    assert message_of("0", EventData(b"\xff hello")).body == "\ufffd hello"


def test_repeats_are_counted_by_message_id() -> None:
    repeats = Repeats()
    shown = [repeats.is_new(_message(id)) for id in ("a", "b", "a", None, None, "a")]
    assert shown == [True, True, False, True, True, False]
    assert repeats.count == 2


def test_the_start_is_latest_earliest_or_a_time() -> None:
    assert starting_position("latest") == ("@latest", False)
    assert starting_position("earliest") == ("-1", False)
    assert starting_position("2026-11-21T12:00:00") == (datetime(2026, 11, 21, 12, tzinfo=UTC), True)
    with pytest.raises(Refused, match="--from 'yesterday' is refused"):
        starting_position("yesterday")


def test_a_line_says_when_who_and_what() -> None:
    text = monitor.line(_message())
    assert text == f'12:00:00.250  edge-01/scorer  {{"anomaly": false}}  [AzureMLResponse=OK model={"a" * 12}]'


class _Reader:
    """Gives the messages of a list, then nothing."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def next(self, timeout: float) -> Message | None:
        return self.messages.pop(0) if self.messages else None


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, outputs: Outputs) -> list[Message]:
    messages: list[Message] = []
    for module in (monitor, show):
        monkeypatch.setattr(module, "outputs", lambda name: outputs)
        monkeypatch.setattr(module, "enter", lambda name: None)
        monkeypatch.setattr(module, "Reader", lambda endpoint, start: _Reader(messages))
        monkeypatch.setattr(module, "endpoint_of", lambda hub: None)
    return messages


def test_the_monitor_stops_after_count_messages(stack: list[Message], capsys: pytest.CaptureFixture[str]) -> None:
    stack += [_message("a"), _message("a"), _message("b", device="other"), _message("c"), _message("d")]
    assert main(["monitor", "--json", "--count", "2", "--timeout", "5", "--device", "edge-01"]) == 0
    captured = capsys.readouterr()
    assert [json.loads(line)["messageId"] for line in captured.out.splitlines()] == ["a", "c"]
    assert "2 messages, 1 repeats dropped" in captured.err


def test_too_few_messages_in_time_are_an_error(stack: list[Message], capsys: pytest.CaptureFixture[str]) -> None:
    stack += [_message("a")]
    assert main(["monitor", "--count", "2", "--timeout", "0.05"]) == 3
    assert "1 of 2 messages arrived within 0.05 s" in capsys.readouterr().err


def test_a_ctrl_c_prints_the_summary(
    stack: list[Message], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(self: _Reader, timeout: float) -> Message | None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_Reader, "next", interrupted)
    assert main(["monitor"]) == 0
    assert "0 messages, 0 repeats dropped" in capsys.readouterr().err


def test_show_waits_for_a_message_of_the_deployed_model(
    stack: list[Message], capsys: pytest.CaptureFixture[str]
) -> None:
    old = _message("old", properties={"AzureMLResponse": "OK", "model": "b" * 12})
    stack += [old, _message("raw", properties={}), _message("new")]
    assert main(["show", "--wait", "--timeout", "5"]) == 0
    text = capsys.readouterr().out
    assert "device   edge-01  model=anomaly" in text
    assert '{"anomaly": false}' in text
    assert "accuracy 0.9908, n 3" in text
    assert stack == []


def test_show_says_which_device_sent_nothing(stack: list[Message], outputs: Outputs) -> None:
    with pytest.raises(Unreached, match=r"no message scored by aaaaaaaaaaaa from edge-01 within 0\.05 s"):
        show.wait_for_messages(outputs, "local", 0.05)


def test_a_missing_subscription_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    monkeypatch.delenv("ARM_SUBSCRIPTION_ID", raising=False)
    with pytest.raises(Refused, match="AZURE_SUBSCRIPTION_ID is not set"):
        events.endpoint_of(Hub("a", "b", "c", "d"))


def test_the_endpoints_key_is_not_in_its_representation() -> None:
    endpoint = events.Endpoint(namespace="n", name="e", consumer_group="c", key="hunter2")
    assert "hunter2" not in repr(endpoint)
