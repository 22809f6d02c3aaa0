"""A loopback address for each group that wants one: 127.a.b.c, so that it has Azure's ports, and two never clash.

All of 127.0.0.0/8 is local on Linux (RFC 1122 3.2.1.3); the second and third byte come from the stand-in's instance.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Collection, Iterator

_LAST = range(1, 255)


def candidates(instance: str, key: str) -> Iterator[str]:
    """All addresses of this stand-in, beginning at the group's own, so that a group tends to keep its address."""
    second, third = hashlib.sha256(instance.encode()).digest()[:2]
    start = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4])
    for step in range(len(_LAST)):
        # 127.0 to 127.15 is where people put things by hand.
        yield f"127.{16 + second % 240}.{third}.{_LAST[(start + step) % len(_LAST)]}"


def choose(
    instance: str,
    key: str,
    ports: Collection[int],
    taken: Collection[str],
    free: Callable[[str, int], bool],
) -> str | None:
    """An address on which all the ports are free; None: there is no such one left."""
    for address in candidates(instance, key):
        if address not in taken and all(free(address, port) for port in ports):
            return address
    return None


def is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
