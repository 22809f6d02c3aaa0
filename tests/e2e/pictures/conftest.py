"""The browser and the RTSP server of this machine."""

from __future__ import annotations

import subprocess

import pytest

from tests.e2e.stack.local_stack import ROOT


@pytest.fixture(scope="session")
def programs() -> tuple[str, str]:
    """Chromium, and the Python that knows GStreamer."""
    told = subprocess.run([ROOT / "tools/setup/camera.sh"], stdout=subprocess.PIPE, text=True, check=True, timeout=500)
    chromium, python = told.stdout.split()
    return chromium, python
