# mypy: disable-error-code="import-untyped"
"""The edge hub through Microsoft's SDK. https://github.com/Azure/azure-iot-sdk-python (2.14)

Imported on devices only: elsewhere its 20 MB of code stay out of memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from azure.iot.device import Message, MethodResponse
from azure.iot.device.aio import IoTHubModuleClient
from azure.iot.device.exceptions import ClientError, OperationCancelled, OperationTimeout, ServiceError
from azure.iot.device.iothub.pipeline.constant import INPUT_MSG

from contracts.telemetry import CONTENT_ENCODING, CONTENT_TYPE
from images.daemon_thread import in_daemon_thread
from images.edge_hub.acknowledging import Delivered, LateAcknowledgements
from images.edge_hub.messages import ClientFailed, Handlers, Inbound, MessageRefused, MethodAnswer, Outbound

TRANSIENT = (ClientError, OperationCancelled, OperationTimeout, ServiceError, OSError)


class EdgeHubClient:
    """A module's one connection, configured by the environment that the edge agent sets."""

    def __init__(self) -> None:
        self._client: Any = None

    async def open(self, handlers: Handlers) -> None:
        """Connect with the handlers already set: the hub delivers at once, and the SDK drops what nobody handles.

        Raises ClientFailed, and may then be called again.
        """
        loop = asyncio.get_running_loop()
        with _told_as_client_failed():
            if self._client is None:
                # the default interval of 10 s is how long a restarted hub would wait for its modules
                self._client = await in_daemon_thread(
                    lambda: IoTHubModuleClient.create_from_edge_environment(connection_retry_interval=1),
                    name="edge-hub-client",
                )
                LateAcknowledgements(self._client)
            await in_daemon_thread(lambda: self._set(handlers, loop), name="edge-hub-connect")

    async def desired(self) -> Mapping[str, Any]:
        """The desired properties of the module's twin; raises ClientFailed."""
        with _told_as_client_failed():
            twin = await self._client.get_twin()
        desired: Mapping[str, Any] = twin["desired"]
        return desired

    async def send(self, message: Outbound) -> None:
        """Returns once the hub has it; raises ClientFailed, or MessageRefused for what it will never take."""
        try:
            with _told_as_client_failed():
                await self._client.send_message_to_output(_outgoing(message), message.output_name)
        except ValueError as error:
            raise MessageRefused(str(error)) from error

    async def report(self, properties: Mapping[str, Any]) -> None:
        """Patch the twin's reported properties; raises ClientFailed."""
        with _told_as_client_failed():
            await self._client.patch_twin_reported_properties(dict(properties))

    async def stop_intake(self) -> None:
        """Ask the hub to hand over nothing more; what it has handed over still reaches the handler."""
        if self._client is None:
            return
        with _told_as_client_failed():
            # The public way, setting the handler to None, loses what arrives before the hub confirms.
            await self._client._disable_feature(INPUT_MSG)

    async def close(self) -> None:
        if self._client is None:
            return
        with _told_as_client_failed():
            await self._client.shutdown()

    def _set(self, handlers: Handlers, loop: asyncio.AbstractEventLoop) -> None:
        """Each setter connects where that is still to do, subscribes, and blocks until the hub confirmed.

        The SDK calls handlers on a loop of its own. They are coroutines without an await inside where order matters:
        it starts these in order, but plain functions on four threads.
        """

        async def on_message(message: Any) -> None:
            loop.call_soon_threadsafe(handlers.on_message, _inbound(message))

        self._client.on_message_received = on_message
        if (desired := handlers.on_desired) is not None:

            async def on_desired(patch: Mapping[str, Any]) -> None:
                loop.call_soon_threadsafe(desired, patch)

            self._client.on_twin_desired_properties_patch_received = on_desired
        if (method := handlers.on_method) is not None:

            async def answered(name: str) -> MethodAnswer:
                return method(name)

            async def on_method(request: Any) -> None:
                answer = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(answered(request.name), loop))
                response = MethodResponse.create_from_method_request(request, answer.status, answer.payload)
                await self._client.send_method_response(response)

            self._client.on_method_request_received = on_method


def _outgoing(message: Outbound) -> Any:
    outgoing: Any = Message(  # type: ignore[no-untyped-call]
        message.body,
        message_id=message.message_id,
        content_type=message.content_type,
        # of text; a picture has none
        content_encoding=CONTENT_ENCODING if message.content_type == CONTENT_TYPE else None,
    )
    outgoing.correlation_id = message.correlation_id
    outgoing.custom_properties.update(message.properties)
    return outgoing


def _inbound(message: Any) -> Inbound:
    data = message.data
    return Inbound(
        input_name=message.input_name,
        body=data if isinstance(data, bytes) else str(data).encode(),
        content_type=message.content_type,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        properties={str(name): str(value) for name, value in (message.custom_properties or {}).items()},
        acknowledge=data.acknowledge if isinstance(data, Delivered) else _nothing,
    )


def _nothing() -> None:
    """What is not of an input was acknowledged by the SDK."""


@contextmanager
def _told_as_client_failed() -> Iterator[None]:
    try:
        yield
    except TRANSIENT as error:
        cause = f" ({error.__cause__})" if error.__cause__ is not None else ""
        raise ClientFailed(f"{type(error).__name__}: {error}{cause}") from error
