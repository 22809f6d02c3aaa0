"""What malloc keeps is used again: pages are not mapped and cleared anew for each request."""

from __future__ import annotations

import subprocess
import sys

import pytest

from clone.root import ROOT

pytestmark = pytest.mark.slow

_ROUNDS = 200
_SCRIPT = f"""
import resource
{{first}}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def round():
    return [bytes(100_000) for _ in range(6)] + [bytes(400_000)]
round()
before = faults()
for _ in range({_ROUNDS}):
    round()
print((faults() - before) / {_ROUNDS})
"""


_BETWEEN = """
from pathlib import Path
from images.scoring.process.allocator import give_back_freed_memory
def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
blocks = [bytes(range(256)) * 256 for _ in range(800)]
kept = blocks[::20]
del blocks
before = held()
give_back_freed_memory()
print(before - held())
"""


def faults(first: str) -> float:
    """Pages a round of a megabyte, which has 250."""
    return printed(_SCRIPT.format(first=first))


def printed(script: str) -> float:
    command = [sys.executable, "-c", script]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)


def test_a_megabyte_that_was_freed_is_there_for_the_next_request() -> None:
    kept = faults("from images.scoring.process.allocator import keep_freed_memory; keep_freed_memory()")

    assert kept < 2
    assert faults("import ctypes") > 10  # else this test would show nothing


def test_what_lies_free_between_blocks_that_stay_is_given_back() -> None:
    assert printed(_BETWEEN) > 40_000_000  # of 50 MB
