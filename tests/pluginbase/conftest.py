"""The toy provider served over real gRPC in this process, and an engine that only listens."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2

from pluginbase.engine import CHANNEL_OPTIONS
from pluginbase.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc
from pluginbase.server import start
from pluginbase.servicer import Servicer
from tests.pluginbase.toy import Box, CardboardError, measure

URN = "urn:pulumi:dev::shop::toy:index:Box::a"


class Listener(engine_pb2_grpc.EngineServicer):
    """Keeps what a plugin tells the engine."""

    def __init__(self) -> None:
        self.heard: list[engine_pb2.LogRequest] = []

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.heard.append(request)
        return empty_pb2.Empty()

    def _refuse(self, request: object, context: grpc.ServicerContext) -> empty_pb2.Empty:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "no program runs here")

    GetRootResource = SetRootResource = StartDebugging = RequirePulumiVersion = _refuse


@dataclass
class Plugin:
    stub: provider_pb2_grpc.ResourceProviderStub
    servicer: Servicer
    engine: Listener


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugin]:
    monkeypatch.setenv("TOY_BOXES", str(tmp_path))
    listener = Listener()
    engine = grpc.server(ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(listener, engine)
    address = f"127.0.0.1:{engine.add_insecure_port('127.0.0.1:0')}"
    engine.start()
    servicer = Servicer("toy", "0.1.0", [Box()], invokes={"toy:index:measure": measure}, plain_errors=(CardboardError,))
    server, port = start(servicer)
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=address))
        yield Plugin(stub, servicer, listener)
    servicer.engine.close()
    server.stop(0).wait()
    engine.stop(0).wait()
