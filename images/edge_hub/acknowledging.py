# mypy: disable-error-code="import-untyped"
"""Messages are acknowledged when they were handled, not when they arrived.

azure-iot-device 2.14 acknowledges a message as soon as it is in the inbox: of a module that is killed, those are lost.
So its MQTT client (paho 1.6, which acknowledges when its callback returns) is kept from it, and told later. A hub sends
again what a connection that has ended left unacknowledged: that of an older connection is not acknowledged any more.
https://github.com/Azure/azure-iot-sdk-python/blob/main/azure-iot-device/azure/iot/device/common/mqtt_transport.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from paho.mqtt.client import MQTT_ERR_SUCCESS


class Delivered(bytes):
    """A payload that knows how its message is acknowledged; the SDK hands on the very object."""

    acknowledge: Callable[[], None]


class LateAcknowledgements:
    """Over the one MQTT client that an `IoTHubModuleClient` has for all its connections."""

    def __init__(self, client: Any) -> None:
        mqtt = _mqtt_of(client)
        self._held: set[int] = set()
        self._connection = 0
        self._received, self._acknowledge, self._connected = mqtt.on_message, mqtt._send_puback, mqtt.on_connect
        mqtt.on_message, mqtt._send_puback, mqtt.on_connect = self._on_message, self._on_handed_on, self._on_connect

    def _on_connect(self, *arguments: Any) -> None:
        self._connection += 1
        self._held.clear()
        self._connected(*arguments)

    def _on_message(self, mqtt: Any, data: Any, message: Any) -> None:
        if message.qos == 1 and _is_input(message.topic):
            payload = Delivered(message.payload)
            payload.acknowledge = self._once(message.mid, self._connection)
            message.payload = payload
            self._held.add(message.mid)
        self._received(mqtt, data, message)

    def _on_handed_on(self, number: int) -> Any:
        return MQTT_ERR_SUCCESS if number in self._held else self._acknowledge(number)

    def _once(self, number: int, connection: int) -> Callable[[], None]:
        def acknowledge() -> None:
            if connection == self._connection and number in self._held:
                self._held.discard(number)
                self._acknowledge(number)

        return acknowledge


def _is_input(topic: str) -> bool:
    """`devices/<device>/modules/<module>/inputs/<input>/<properties>`"""
    return topic.startswith("devices/") and topic.split("/")[4:5] == ["inputs"]


def _mqtt_of(client: Any) -> Any:
    """Of the pipeline's last stage but the sockets."""
    stage = client._mqtt_pipeline._pipeline
    while stage is not None:
        if (transport := getattr(stage, "transport", None)) is not None:
            return transport._mqtt_client
        stage = stage.next
    raise RuntimeError("azure-iot-device has no MQTT transport where 2.14 has it")
