"""Ports that tests get for their servers: nobody else's, and not one that is in use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from standin.core.serving.listeners import bind
from tests.ports import BLOCK, STANDIN, free_port, free_port_base

ROOT = Path(__file__).resolve().parents[1]
BLOCKS = "from tests.ports import free_port, BLOCK; print(free_port() // BLOCK); input()"


def test_a_port_in_use_is_passed_over_however_often_the_block_was_gone_through() -> None:
    taken = free_port()
    with bind("127.0.0.1", taken, "a test"):
        single = {free_port() for _ in range(BLOCK)}
        bases = [free_port_base() for _ in range(BLOCK // STANDIN)]
    assert taken not in single
    assert not any(base <= taken < base + STANDIN for base in bases)


def test_two_processes_have_no_port_in_common() -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", BLOCKS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    blocks = [process.stdout.readline() for process in processes if process.stdout]
    for process in processes:
        process.communicate(b"\n")
    assert len({*blocks, b"%d\n" % (free_port() // BLOCK)}) == 4
