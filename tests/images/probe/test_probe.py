"""The probe's line, told by a process of this machine, and that it answers afterwards."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clone.root import ROOT
from tests.ports import free_port
from tests.waiting import DEADLINE_S, until

pytestmark = pytest.mark.slow


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    key = folder / "scoring-key"
    key.write_text("canary-key")
    key.chmod(0o400)
    return folder


@pytest.fixture
def probe(secrets: Path) -> Iterator[tuple[dict[str, Any], int, int]]:
    """What it told, and its two ports."""
    ports = free_port(), free_port()
    environment = {
        **os.environ,
        "SCORING_TLS_PORT": str(ports[0]),
        "SCORING_PORT": str(ports[1]),
        "SCORING_SECRETS": str(secrets),
        "PROBE_VARIANT": "a",
    }
    command = [sys.executable, "-m", "images.probe"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield json.loads(child.stdout.readline()), *ports
        finally:
            child.kill()


def test_it_tells_rights_ports_and_files_and_no_secret(probe: tuple[dict[str, Any], int, int]) -> None:
    report, tls, _ = probe

    assert "canary" not in json.dumps(report)
    assert (report["uid"], report["gid"], report["variant"]) == (os.getuid(), os.getgid(), "a")
    assert report["files"][1] == {
        "name": "scoring-key",
        "mode": "-r--------",
        "uid": os.getuid(),
        "gid": os.getgid(),
        "size": 10,
    }
    assert report["readsAsRoot"] == "all"
    assert int(report["status"]["CapBnd"], 16) >= 0
    assert report["bindsAsRoot"] == "bound"
    if os.getuid() == 0:
        assert report["drops"] == "10001:10001"
        assert report["readsAsUser"] == "Permission denied"
    with socket.create_connection(("127.0.0.1", tls), timeout=DEADLINE_S) as connection:
        assert connection.recv(16) == b"a\n"


def test_it_answers_the_probes_of_a_container_group(probe: tuple[dict[str, Any], int, int]) -> None:
    _, _, plain = probe

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{plain}/ready", timeout=DEADLINE_S) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    until("the probe answers", ready)
