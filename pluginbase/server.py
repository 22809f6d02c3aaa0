"""Runs a provider as a plugin process: prints the port, serves until the engine is done with it or gone.

The engine starts `pulumi-resource-<name> <engine address>` and reads the port from the first line of its output:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/plugin.go
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import grpc

from pluginbase.engine import CHANNEL_OPTIONS
from pluginbase.proto import provider_pb2_grpc
from pluginbase.resource import Invoke, Resource
from pluginbase.servicer import Servicer
from pluginbase.values import Properties

# More than the engine's default parallelism: every operation blocks a thread.
_THREADS = 64
_ORPHAN_CHECK_SECONDS = 2.0
_GRACE_SECONDS = 5.0


def serve(
    name: str,
    version: str,
    resources: Iterable[Resource],
    *,
    invokes: Mapping[str, Invoke] | None = None,
    on_configure: Callable[[Properties], None] | None = None,
    canonical: Callable[[str], str] = str,
    prepare: Callable[[], None] | None = None,
    cancelled: threading.Event | None = None,
    plain_errors: tuple[type[Exception], ...] = (),
    argv: Sequence[str] | None = None,
) -> None:
    """Serves until SIGTERM, SIGINT or the end of the engine, and does not return.

    The whole of a plugin's `__main__`:

        serve("toy", "0.1.0", [Box()], plain_errors=(ServiceError,))

    `invokes` are functions by token, `on_configure` gets the provider's configuration, `canonical` maps a token as the
    program writes it to one of `resources`, `prepare` runs once before the first operation that talks to a service,
    `plain_errors` are told to the user as a ProviderError is. Without an address in argv (debugging: started by hand,
    attached through PULUMI_DEBUG_PROVIDERS) the end of the parent means nothing.
    """
    servicer = Servicer(
        name,
        version,
        resources,
        invokes=invokes,
        on_configure=on_configure,
        canonical=canonical,
        prepare=prepare,
        cancelled=cancelled,
        plain_errors=plain_errors,
    )
    _run(servicer, sys.argv[1:] if argv is None else argv)


def _run(servicer: Servicer, argv: Sequence[str]) -> None:
    addresses = [arg for arg in argv if not arg.startswith("-")]
    if addresses:
        servicer.engine.connect(addresses[0])
    stop = _stop_on_signals()
    parent = os.getppid() if addresses else None  # before the engine can know us: it may be killed right after
    server, port = start(servicer)
    print(port, flush=True)
    _wait(stop, parent)
    servicer.cancelled.set()
    server.stop(_GRACE_SECONDS).wait()
    # A worker stuck in a call to Azure would keep the interpreter alive for as long as that call takes.
    os._exit(0)


def start(servicer: Servicer, port: int = 0) -> tuple[grpc.Server, int]:
    """A running server on the loopback address, and its port (`port` 0 takes a free one)."""
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def handle(signum: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


def _wait(stop: threading.Event, parent: int | None) -> None:
    """An engine that was killed cannot end its plugins: they notice it by their new parent."""
    while not stop.wait(_ORPHAN_CHECK_SECONDS):
        if parent is not None and os.getppid() != parent:
            return
