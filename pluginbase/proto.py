"""Pulumi's generated wire modules, loaded without the rest of the SDK.

`import pulumi` costs half a second that a plugin would pay at every start; the generated files need only protobuf and
grpc. They are the SDK's own (`pulumi/runtime/proto`): https://github.com/pulumi/pulumi/tree/master/proto/pulumi
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )
else:

    def _package() -> str:
        """The name under which the generated modules are importable.

        Where the SDK is loaded already, its own modules are taken: one message class per message and process.
        """
        if "pulumi.runtime.proto" in sys.modules:
            return "pulumi.runtime.proto"
        spec = importlib.util.find_spec("pulumi")
        if spec is None or spec.origin is None:
            raise ImportError("the package 'pulumi' is not installed: a plugin needs its wire modules")
        package = ModuleType("pluginbase._proto")
        package.__path__ = [str(Path(spec.origin).parent / "runtime" / "proto")]
        sys.modules[package.__name__] = package
        return package.__name__

    _name = _package()
    engine_pb2 = importlib.import_module(f"{_name}.engine_pb2")
    engine_pb2_grpc = importlib.import_module(f"{_name}.engine_pb2_grpc")
    plugin_pb2 = importlib.import_module(f"{_name}.plugin_pb2")
    provider_pb2 = importlib.import_module(f"{_name}.provider_pb2")
    provider_pb2_grpc = importlib.import_module(f"{_name}.provider_pb2_grpc")
    status_pb2 = importlib.import_module(f"{_name}.status_pb2")

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]
