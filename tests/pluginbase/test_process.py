"""The plugin as a process: what it prints, and when it ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2

from pluginbase.engine import CHANNEL_OPTIONS
from pluginbase.proto import provider_pb2_grpc
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = [sys.executable, "-m", "tests.pluginbase.toy"]
NOBODY = "127.0.0.1:1"


def test_it_prints_its_port_first_answers_there_and_ends_on_sigterm() -> None:
    with subprocess.Popen([*PLUGIN, NOBODY], cwd=ROOT, stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout is not None
        port = int(plugin.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
            info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty(), timeout=DEADLINE_S)
        plugin.send_signal(signal.SIGTERM)

        assert info.version == "0.1.0"
        assert plugin.wait(timeout=DEADLINE_S) == 0


def test_it_ends_when_the_engine_is_killed() -> None:
    engine = subprocess.Popen(
        ["sh", "-c", 'trap : TERM; "$@" & echo $!; wait', "engine", *PLUGIN, NOBODY],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert engine.stdout is not None
    plugin = int(engine.stdout.readline())
    assert int(engine.stdout.readline()) > 0

    engine.kill()
    engine.wait()

    # Its standard output is a pipe that nobody else holds any more: it ends with it.
    ended, _, _ = select.select([engine.stdout], [], [], DEADLINE_S)
    if not ended:
        os.kill(plugin, signal.SIGKILL)
    assert ended, "the plugin outlived its engine"
    assert engine.stdout.read() == ""
    engine.stdout.close()
