"""Clients that mean harm: each makes as many connections as it may, sends what it has, and never reads."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import resource
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MEBIBYTE = 2**20
_POST = b"POST /score HTTP/1.1\r\nHost: x\r\n"
_PROBE = b"GET /live HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
_QUERY = b"GET /score?%b HTTP/1.1\r\nHost: x\r\n\r\n" % b"&".join(b"field%d=%d" % (n, n) for n in range(990))
# a record of a handshake that says that 16 KiB of it follow
_BOMB = gzip.compress(bytes(64 * MEBIBYTE))
_HELLO = b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03" + bytes(8000)


@dataclass(frozen=True, kw_only=True)
class Attack:
    first: bytes
    more: bytes = b""
    """Again and again after that."""
    connections: int = 1200
    tls: bool = False
    """Against the port that wants TLS, ..."""
    shaken: bool = False
    """... and whether it is spoken, beyond the first record of a handshake."""


ATTACKS: Mapping[str, Attack] = {
    "bodies that no route reads": Attack(
        first=b"GET /live HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MEBIBYTE - 1) + bytes(MEBIBYTE - 2)
    ),
    "bodies to score, all but a byte": Attack(
        first=_POST + b"Content-Length: %d\r\n\r\n" % MEBIBYTE + bytes(MEBIBYTE - 1)
    ),
    "bodies of a refused length": Attack(first=_POST + b"Content-Length: 9000000000\r\n\r\n", more=bytes(65536)),
    "trailers without end": Attack(first=_CHUNKED + b"0\r\n", more=b"Trailer: 0123456789\r\n" * 3000, connections=50),
    "one trailer without end": Attack(first=_CHUNKED + b"0\r\nTrailer: ", more=b"0" * 65536, connections=50),
    "one trailer without end, after a long body": Attack(
        first=_PROBE + b"%x\r\n" % MEBIBYTE + bytes(MEBIBYTE) + b"\r\n0\r\nTrailer: ",
        more=b"0" * 65536,
        connections=600,
    ),
    "chunk extensions without end": Attack(first=_CHUNKED + b"1;", more=b"e" * 65536, connections=50),
    "chunks of one byte": Attack(first=_CHUNKED, more=b"1\r\nx\r\n" * 10_000, connections=200),
    "half heads": Attack(first=b"GET / HTTP/1.1\r\nX: " + b"0" * 32_000),
    "heads of many short lines": Attack(first=b"GET / HTTP/1.1\r\n" + b"".join(b"A%d:\r\n" % n for n in range(4000))),
    "one header again and again": Attack(first=b"GET / HTTP/1.1\r\nA: " + b"0" * 32_000 + b"\r\nA:" * 98),
    "more often than allowed": Attack(first=b"GET / HTTP/1.1\r\nA: " + b"0" * 4000 + b"\r\nA:" * 1000),
    "long URLs": Attack(first=b"GET /", more=b"a" * 65536),
    "answers that nobody takes": Attack(
        first=b"", more=b"GET /swagger.json HTTP/1.1\r\nHost: x\r\n\r\n" * 2000, connections=600
    ),
    "pipelined probes": Attack(first=b"", more=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 9000, connections=600),
    "queries of many fields": Attack(first=b"", more=_QUERY * 20, connections=400),
    "gzip that unpacks to much": Attack(
        first=b"",
        more=_POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(_BOMB), _BOMB),
    ),
    "long bodies under TLS, then nothing": Attack(
        first=b"GET /live HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + bytes(900_000),
        connections=600,
        tls=True,
        shaken=True,
    ),
    "pipelined probes under TLS": Attack(
        first=b"", more=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 9000, connections=300, tls=True, shaken=True
    ),
    "handshakes that never end": Attack(first=_HELLO, connections=4000, tls=True),
    "connections that say nothing": Attack(first=b"", connections=4000, tls=True),
}
QUICK = ("bodies that no route reads", "trailers without end", "handshakes that never end")


async def attack(kind: Attack, port: int, seconds: float) -> None:
    """Until the time is over; who is cut off comes again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for _ in range(kind.connections):
                group.create_task(_again_and_again(kind, port))


async def _again_and_again(kind: Attack, port: int) -> None:
    loop = asyncio.get_running_loop()
    while True:
        with socket.socket() as one:
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            with contextlib.suppress(OSError):
                await loop.sock_connect(one, ("127.0.0.1", port))
                sent = await _shaken(one) if kind.shaken else _as_it_is
                await loop.sock_sendall(one, sent(kind.first))
                while kind.more:
                    await loop.sock_sendall(one, sent(kind.more))
                if not kind.more:
                    await _until_cut_off(one)
        await asyncio.sleep(0.05)


def _as_it_is(data: bytes) -> bytes:
    return data


async def _shaken(one: socket.socket) -> Callable[[bytes], bytes]:
    """After the handshake: what encrypts."""
    loop, come, going = asyncio.get_running_loop(), ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tls = context.wrap_bio(come, going)
    while True:
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
            break
        await loop.sock_sendall(one, going.read())
        if not (data := await loop.sock_recv(one, 16_384)):
            raise ConnectionResetError("cut off in its handshake")
        come.write(data)

    def encrypted(data: bytes) -> bytes:
        tls.write(data or b"\n")
        return going.read()

    return encrypted


async def _until_cut_off(one: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(one, 1024):
        continue


def raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
