"""Ports for servers that tests start.

They lie below those that the system lends to clients: one of those may be lent between the look whether it is free and
the server's start, or while the server is down between two starts. Each process takes them from a block that is its
own, so that workers of a suite, or suites of two clones, do not meet.
"""

from __future__ import annotations

import atexit
import functools
import random
import socket
from collections.abc import Iterator

FIRST, LAST = 10_000, 20_000
BLOCK = 100
STANDIN = 20
"""A stand-in's four, and those of its further registries at the end of its range."""


def free_port() -> int:
    return _block().take(1)


def free_port_base() -> int:
    """The first of a stand-in's ports."""
    return _block().take(STANDIN)


class Block:
    """Handed out in turn: what was just in use comes again as late as can be."""

    def __init__(self) -> None:
        self._claim, self._first = _claimed()
        self._next = 0

    def take(self, count: int) -> int:
        for _ in range(BLOCK):
            if self._next + count > BLOCK:
                self._next = 0
            first = self._first + self._next
            self._next += count
            if all(_bindable(port) for port in range(first, first + count)):
                return first
        raise RuntimeError(f"no {count} free ports in a row from {self._first} to {self._first + BLOCK - 1}")


@functools.cache
def _block() -> Block:
    return Block()


def _claimed() -> tuple[socket.socket, int]:
    """A block, and the UDP socket of its first number by which the other processes see that it is taken."""
    for first in _shuffled():
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", first))
        except OSError:
            claim.close()
            continue
        atexit.register(claim.close)  # held as long as the process is there; Python warns of what is left open
        return claim, first
    raise RuntimeError(f"all {(LAST - FIRST) // BLOCK} blocks of ports are taken, by as many processes of tests")


def _shuffled() -> Iterator[int]:
    blocks = range(FIRST, LAST, BLOCK)
    yield from random.sample(blocks, len(blocks))


def _bindable(port: int) -> bool:
    """As servers bind, past connections that have ended."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
