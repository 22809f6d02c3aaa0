"""The end of `make up`: its wait for the devices, and how to do without."""

from __future__ import annotations

import os
import subprocess

import pytest

from clone.root import ROOT

SCRIPT = """set -euo pipefail
. tools/lib.sh; . tools/change.sh
in_stack() { echo "asked: $*" >&2; return "$ENDS"; }
wait_for_devices
echo up
"""


def waited(stack: str, ends: int, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "stack": stack, "ENDS": str(ends), "NO_WAIT": "", **more}
    return subprocess.run(
        ["bash", "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_stack_whose_devices_are_as_wanted_is_up() -> None:
    ended = waited("dev", 0)
    assert (ended.returncode, ended.stdout) == (0, "up\n")
    assert ended.stderr == (
        "-> devices run it and send (`NO_WAIT=1 make up STACK=dev` does not wait for that)\n"
        "asked: edgeway show --stack dev --wait\n"
    )


@pytest.mark.parametrize("ends", [1, 3])
def test_devices_that_are_not_as_wanted_end_it_with_how_not_to_wait(ends: int) -> None:
    ended = waited("local", ends)
    assert (ended.returncode, ended.stdout) == (ends, "")
    assert ended.stderr.splitlines()[-1] == (
        "the stack itself is up. `edgeway rollout wait --stack local` waits again; `NO_WAIT=1 make up` does not wait"
    )


def test_no_wait_asks_nobody() -> None:
    ended = waited("local", 3, NO_WAIT="1")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "up\n", "")
