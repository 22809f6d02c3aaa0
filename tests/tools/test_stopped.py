"""A Ctrl-C while the engine works ends the command that started it, though Pulumi ends a stopped destroy with 0."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from clone.root import ROOT

pytestmark = pytest.mark.slow

_SCRIPT = """
set -euo pipefail
eval "$(sed -n '/^engine() {/,/^}/p' tools/forecast.sh)"
stack=dev
in_stack() {
  python3 -c 'import signal, sys; signal.signal(2, lambda *_: sys.exit(0)); print("began", flush=True); signal.pause()'
}
engine destroy
echo went on
"""


def test_a_stopped_destroy_is_no_finished_one() -> None:
    command = ["env", "--default-signal=INT", "bash", "-c", _SCRIPT]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "began\n"
        os.killpg(running.pid, signal.SIGINT)
        assert running.stdout.read() == ""
    assert running.returncode == 130
