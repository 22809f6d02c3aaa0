"""The engine's log, the one way by which a plugin speaks to the user (what it prints is shown only if it crashes).

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/engine.proto
"""

from __future__ import annotations

from typing import Literal

import grpc

from pluginbase.proto import engine_pb2, engine_pb2_grpc
from pluginbase.terminal import wrapped

Severity = Literal["debug", "info", "warning", "error"]

_SEVERITIES = {
    "debug": engine_pb2.LogSeverity.DEBUG,
    "info": engine_pb2.LogSeverity.INFO,
    "warning": engine_pb2.LogSeverity.WARNING,
    "error": engine_pb2.LogSeverity.ERROR,
}
# A proxy in the environment is meant for Azure, never for the engine on the loopback address.
CHANNEL_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)


class Engine:
    """A connection to the engine's log; until `connect` it drops what it is told.

    engine.connect("127.0.0.1:41234")
    engine.log(urn, "pushing: 3 of 7 layers", ephemeral=True)
    """

    def __init__(self) -> None:
        self._channel: grpc.Channel | None = None
        self._stub: engine_pb2_grpc.EngineStub | None = None

    def connect(self, address: str) -> None:
        self.close()
        self._channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
        self._stub = engine_pb2_grpc.EngineStub(self._channel)

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = self._stub = None

    def log(self, urn: str, message: str, severity: Severity = "info", *, ephemeral: bool = False) -> None:
        """`ephemeral` is the status text in the resource's own row; the rest is listed under Diagnostics."""
        if self._stub is None:
            return
        told = message if ephemeral else wrapped(message)
        request = engine_pb2.LogRequest(
            severity=_SEVERITIES[severity], message=told, urn=urn, streamId=0, ephemeral=ephemeral
        )
        try:
            self._stub.Log(request, timeout=10)
        except grpc.RpcError:
            # The engine is gone or going. A message is not worth the operation: its result matters more.
            return
