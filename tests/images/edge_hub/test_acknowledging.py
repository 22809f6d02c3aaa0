"""When the SDK's MQTT client acknowledges a message, without a hub: what handles it decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from images.edge_hub.acknowledging import LateAcknowledgements

INPUT = "devices/edge-01/modules/scorer/inputs/amlInput/%24.mid=1"
METHOD = "$iothub/methods/POST/reset/?$rid=1"


@dataclass
class Mqtt:
    """As paho 1.6 does it: the callback, then the acknowledgement."""

    acknowledged: list[int] = field(default_factory=list)
    handed_on: list[Any] = field(default_factory=list)
    on_connect: Any = lambda *_: None

    def on_message(self, mqtt: Any, data: Any, message: Any) -> None:
        self.handed_on.append(message.payload)

    def _send_puback(self, number: int) -> int:
        self.acknowledged.append(number)
        return 0

    def publish(self, number: int, topic: str = INPUT) -> Any:
        message = SimpleNamespace(mid=number, topic=topic, qos=1, payload=b"{}")
        self.on_message(self, None, message)
        assert self._send_puback(number) == 0
        return self.handed_on[-1]


def hold() -> Mqtt:
    mqtt = Mqtt()
    last = SimpleNamespace(transport=SimpleNamespace(_mqtt_client=mqtt), next=None)
    pipeline = SimpleNamespace(next=SimpleNamespace(transport=None, next=last))
    LateAcknowledgements(SimpleNamespace(_mqtt_pipeline=SimpleNamespace(_pipeline=pipeline)))
    return mqtt


def test_a_message_to_an_input_is_acknowledged_once_when_it_was_handled() -> None:
    mqtt = hold()
    first, second = mqtt.publish(1), mqtt.publish(2)
    assert (first, mqtt.acknowledged) == (b"{}", [])
    first.acknowledge()
    first.acknowledge()
    assert mqtt.acknowledged == [1]
    second.acknowledge()
    assert mqtt.acknowledged == [1, 2]


def test_what_is_no_message_to_an_input_is_acknowledged_at_once() -> None:
    mqtt = hold()
    mqtt.publish(1, METHOD)
    assert mqtt.acknowledged == [1]


def test_what_came_over_an_older_connection_is_not_acknowledged_over_a_newer_one() -> None:
    mqtt = hold()
    old = mqtt.publish(1)
    mqtt.on_connect(mqtt, None, {}, 0)
    again = mqtt.publish(1)  # the hub sends it again
    old.acknowledge()
    assert mqtt.acknowledged == []
    again.acknowledge()
    assert mqtt.acknowledged == [1]
