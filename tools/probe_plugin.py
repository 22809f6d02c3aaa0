"""Asks a provider's plugin, as the engine does, whether it knows what a stack plans: `Check` of each resource.

`python -m tools.probe_plugin`: on stdin {"plugin": path, "resources": [{"token", "name", "inputs"}]}; on stdout
{"version", "refused": {"<token> <name>": why}} or {"failed": why}. It is configured with nothing and calls no cloud.
https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2

from pluginbase.engine import CHANNEL_OPTIONS
from pluginbase.proto import provider_pb2, provider_pb2_grpc

_START_SECONDS = 60
_CALL_SECONDS = 60
_NO_ENGINE = "127.0.0.1:9"
"""It wants an engine's address, and speaks to it only to log."""


def main() -> int:
    given = json.load(sys.stdin)
    try:
        with _running(given["plugin"]) as stub:
            answer = _checked(stub, given["resources"])
    except (OSError, ValueError, grpc.RpcError, grpc.FutureTimeoutError) as error:
        answer = {"failed": " ".join(str(error).split())[:400]}
    sys.stdout.write(json.dumps(answer))
    return 0


def _checked(stub: Any, resources: list[Mapping[str, Any]]) -> dict[str, Any]:
    info = stub.GetPluginInfo(empty_pb2.Empty(), timeout=_CALL_SECONDS)
    refused = {}
    for one in resources:
        if why := _refusal(stub, one):
            refused[f"{one['token']} {one['name']}"] = why
    return {"version": info.version, "refused": refused}


def _refusal(stub: Any, one: Mapping[str, Any]) -> str:
    """Empty where it takes the token and the inputs."""
    news = struct_pb2.Struct()
    news.update(one["inputs"])
    request = provider_pb2.CheckRequest(
        urn=f"urn:pulumi:first::edgeway::{one['token']}::{one['name']}", olds=struct_pb2.Struct(), news=news
    )
    try:
        answer = stub.Check(request, timeout=_CALL_SECONDS)
    except grpc.RpcError as error:
        return str(error.details() if hasattr(error, "details") else error)[:200]
    return "; ".join(f"{failure.property}: {failure.reason}" for failure in answer.failures)[:200]


@contextmanager
def _running(plugin: str) -> Iterator[Any]:
    with subprocess.Popen([plugin, _NO_ENGINE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        try:
            assert child.stdout is not None
            port = int(child.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
                grpc.channel_ready_future(channel).result(_START_SECONDS)
                yield provider_pb2_grpc.ResourceProviderStub(channel)
        finally:
            child.kill()


if __name__ == "__main__":
    sys.exit(main())
