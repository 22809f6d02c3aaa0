"""Sends broken requests over raw sockets, many at a time: every one gets a refusal or an end, never a 500 or a hang."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field

from bench.soak.cases import Case, Maker

AT_ONCE = 16
HANG_SECONDS = 20.0
ALLOWED = frozenset({100, 200, 400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 431, 501, 503, 505})
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@dataclass(slots=True)
class Outcome:
    statuses: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


async def fuzz(maker: Maker, port: int, *, first: int, count: int, outcome: Outcome) -> None:
    seeds = iter(range(first, first + count))

    async def work() -> None:
        for seed in seeds:
            await _one(maker.make(seed), port, seed, outcome)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _one(case: Case, port: int, seed: int, outcome: Outcome) -> None:
    try:
        async with asyncio.timeout(HANG_SECONDS):
            answered = await _exchange(case, port)
    except TimeoutError:
        outcome.problems.append(f"case {seed} ({case.kind}): neither answered nor closed in {HANG_SECONDS:.0f} s")
        return
    except ConnectionRefusedError:
        outcome.problems.append(f"case {seed} ({case.kind}): the server does not listen any more")
        return
    statuses = [int(status) for status in _STATUS.findall(answered)]
    outcome.statuses.update(map(str, statuses) if statuses else ["closed"])
    if answered and not answered.startswith(b"HTTP/1.1 "):
        outcome.problems.append(f"case {seed} ({case.kind}): answered {answered[:100]!r}")
    for status in set(statuses) - ALLOWED:
        outcome.problems.append(f"case {seed} ({case.kind}): answered {status} to {case.sent[:200]!r}")
    if case.right_answers is not None and statuses.count(200) != case.right_answers:
        outcome.problems.append(
            f"case {seed} ({case.kind}): {statuses.count(200)} of {case.right_answers} answered 200"
        )


async def _exchange(case: Case, port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(case.sent)
            if case.abrupt:
                # a reset instead of an orderly end
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return b""
            await writer.drain()
            writer.write_eof()
        answered = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                answered += data
        return answered
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
