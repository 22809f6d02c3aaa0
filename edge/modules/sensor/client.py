# mypy: disable-error-code="import-untyped"
"""The edge hub through Microsoft's SDK. https://github.com/Azure/azure-iot-sdk-python (2.14)"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

from azure.iot.device import Message as SdkMessage
from azure.iot.device import MethodResponse
from azure.iot.device.aio import IoTHubModuleClient
from azure.iot.device.exceptions import ClientError, OperationCancelled, OperationTimeout, ServiceError

from contracts.telemetry import CONTENT_ENCODING, CONTENT_TYPE
from edge.modules.sensor.handler import MethodAnswer
from edge.modules.sensor.loop import ClientFailed, Events, Message

TRANSIENT = (ClientError, OperationCancelled, OperationTimeout, ServiceError, OSError)


class EdgeHubClient:
    def __init__(self) -> None:
        self._client: Any = None

    async def open(self, events: Events) -> Mapping[str, Any]:
        try:
            if self._client is None:
                # the default interval of 10 s is how long a restarted hub would wait for its modules
                self._client = await _in_daemon_thread(
                    lambda: IoTHubModuleClient.create_from_edge_environment(connection_retry_interval=1)
                )
            # before connecting: the hub delivers at once, and the SDK drops what nobody handles
            loop = asyncio.get_running_loop()
            await _in_daemon_thread(lambda: self._set_handlers(events, loop))
            twin = await self._client.get_twin()
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error
        desired: Mapping[str, Any] = twin["desired"]
        return desired

    async def send(self, message: Message) -> None:
        outgoing: Any = SdkMessage(  # type: ignore[no-untyped-call]
            message.body,
            message_id=message.message_id,
            content_type=CONTENT_TYPE,
            content_encoding=CONTENT_ENCODING,
        )
        outgoing.custom_properties.update(message.properties)
        try:
            await self._client.send_message_to_output(outgoing, message.output_name)
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error

    async def report(self, properties: Mapping[str, Any]) -> None:
        try:
            await self._client.patch_twin_reported_properties(dict(properties))
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error

    async def close(self) -> None:
        if self._client is None:
            return
        try:
            await self._client.shutdown()
        except TRANSIENT as error:
            raise ClientFailed(_words(error)) from error

    def _set_handlers(self, events: Events, loop: asyncio.AbstractEventLoop) -> None:
        """Each setter connects where that is still to do, subscribes, and blocks until the hub confirmed."""

        async def on_message(message: Any) -> None:
            data = message.data if isinstance(message.data, bytes) else str(message.data).encode()
            loop.call_soon_threadsafe(events.on_message, message.input_name, data)

        async def on_desired(patch: Mapping[str, Any]) -> None:
            loop.call_soon_threadsafe(events.on_desired, patch)

        async def answer(name: str) -> MethodAnswer:
            return events.on_method(name)

        async def on_method(request: Any) -> None:
            # the SDK has a loop of its own; the sensor's state belongs to ours
            done = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(answer(request.name), loop))
            response = MethodResponse.create_from_method_request(request, done.status, done.payload)
            await self._client.send_method_response(response)

        self._client.on_message_received = on_message
        self._client.on_twin_desired_properties_patch_received = on_desired
        self._client.on_method_request_received = on_method


def _words(error: Exception) -> str:
    cause = f" ({error.__cause__})" if error.__cause__ is not None else ""
    return f"{type(error).__name__}: {error}{cause}"


async def _in_daemon_thread(function: Callable[[], Any]) -> Any:
    """For the SDK's blocking calls: unlike an executor's, this thread cannot keep the process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)

    def work() -> None:
        result, failure = None, None
        try:
            result = function()
        except BaseException as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, daemon=True, name="edge-hub-client").start()
    return await done
