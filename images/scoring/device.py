# mypy: disable-error-code="import-untyped"
"""The edge hub through Microsoft's SDK. https://github.com/Azure/azure-iot-sdk-python (2.14)

Imported on devices only: elsewhere its 20 MB of code stay out of memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from azure.iot.device import Message
from azure.iot.device.aio import IoTHubModuleClient
from azure.iot.device.exceptions import ClientError, OperationCancelled, OperationTimeout
from azure.iot.device.iothub.pipeline.constant import INPUT_MSG

from contracts.telemetry import CONTENT_ENCODING, CONTENT_TYPE
from images.scoring.messages import Inbound, Outbound
from images.scoring.module import ClientFailed, MessageRefused
from images.scoring.threads import in_daemon_thread

log = logging.getLogger("scoring.device")

TRANSIENT = (ClientError, OperationCancelled, OperationTimeout, OSError)


class EdgeHubClient:
    """A ModuleClient over azure-iot-device, configured by the environment that the edge agent sets."""

    def __init__(self) -> None:
        self._client: Any = None

    async def open(self, on_message: Callable[[Inbound], None]) -> None:
        loop = asyncio.get_running_loop()

        # A coroutine without an await inside: the SDK starts these in order, plain functions on four threads.
        async def handler(message: Any) -> None:
            loop.call_soon_threadsafe(on_message, _inbound(message))

        try:
            if self._client is None:
                # the default interval of 10 s is how long a restarted hub would wait for its modules
                self._client = await in_daemon_thread(
                    lambda: IoTHubModuleClient.create_from_edge_environment(connection_retry_interval=1),
                    name="edge-hub-client",
                )
            # Sets the handler, then connects and subscribes, and blocks until the hub confirmed.
            await in_daemon_thread(
                lambda: setattr(self._client, "on_message_received", handler), name="edge-hub-connect"
            )
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error

    async def send(self, message: Outbound) -> None:
        outgoing: Any = Message(  # type: ignore[no-untyped-call]
            message.body,
            message_id=message.message_id,
            content_type=CONTENT_TYPE,
            content_encoding=CONTENT_ENCODING,
        )
        outgoing.correlation_id = message.correlation_id
        outgoing.custom_properties.update(message.properties)
        try:
            await self._client.send_message_to_output(outgoing, message.output_name)
        except ValueError as error:
            raise MessageRefused(str(error)) from error
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error

    async def stop_intake(self) -> None:
        if self._client is None:
            return
        try:
            # The public way, setting the handler to None, loses what arrives before the hub confirms.
            await self._client._disable_feature(INPUT_MSG)
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error

    async def close(self) -> None:
        if self._client is None:
            return
        try:
            await self._client.shutdown()
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error


def _inbound(message: Any) -> Inbound:
    data = message.data
    return Inbound(
        input_name=message.input_name,
        body=data if isinstance(data, bytes) else str(data).encode(),
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        properties={str(name): str(value) for name, value in (message.custom_properties or {}).items()},
    )


def _words(error: Exception) -> str:
    cause = f" ({error.__cause__})" if error.__cause__ is not None else ""
    return f"{type(error).__name__}: {error}{cause}"
