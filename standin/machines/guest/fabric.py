"""What is around one machine: the addresses that Azure has beside every VM, on the loopback of the machine's network.

Runs in a container of its own, which has no network but the one that it shares with its machine. Each address is a way
into a socket that the stand-in listens on, and whoever comes through it is this machine: nothing is asked of it, so
nothing can be feigned. What is no name of the stand-in's is not found, and nothing leads elsewhere.

    169.254.169.254:80   metadata service      168.63.129.16:80   the host      168.63.129.16:53   names
    198.18.0.1:443       everything that has a name
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import subprocess
import sys
from pathlib import Path
from typing import cast

METADATA, HOST, CLOUD = "169.254.169.254", "168.63.129.16", "198.18.0.1"
WAYS = ((METADATA, 80, "plain"), (HOST, 80, "plain"), (CLOUD, 443, "tls"))
_PIECE = 64 * 1024
_A, _IN = 1, 1


def main(folder: Path) -> None:
    """`folder` holds the stand-in's sockets, and `names`: a line for each name or ".suffix" that is answered."""
    for address in (METADATA, HOST, CLOUD):
        subprocess.run(["ip", "addr", "add", f"{address}/32", "dev", "lo"], check=True)
    asyncio.run(_serve(folder))


async def _serve(folder: Path) -> None:
    servers = [
        await asyncio.start_server(_way(folder / f"{socket}.sock"), address, port) for address, port, socket in WAYS
    ]
    await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Names(tuple((folder / "names").read_text().split())), local_addr=(HOST, 53)
    )
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def _way(socket: Path):  # type: ignore[no-untyped-def]
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(str(socket))
        except OSError:  # the stand-in is down: as a cloud that resets
            writer.transport.abort()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    return connect


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


class Names(asyncio.DatagramProtocol):
    """A name server of two answers: everything of the stand-in's is at CLOUD, everything else is not there."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and (answer := answered(data, self._names)):
            self._transport.sendto(answer, addr)


def answered(query: bytes, names: tuple[str, ...]) -> bytes:
    """https://www.rfc-editor.org/rfc/rfc1035#section-4; empty for what is no question."""
    labels, at = [], 12
    try:
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode("ascii").lower())
            at += 1 + length
        kind, space = struct.unpack_from("!HH", query, at + 1)
    except (IndexError, UnicodeDecodeError, struct.error):
        return b""
    question, name = query[12 : at + 5], ".".join(labels)
    known = any(name.endswith(one) if one.startswith(".") else name == one for one in names)
    records = b""
    if known and (kind, space) == (_A, _IN):
        address = bytes(int(part) for part in CLOUD.split("."))
        records = b"\xc0\x0c" + struct.pack("!HHIH", _A, _IN, 60, 4) + address
    flags = 0x8180 if known else 0x8183
    return query[:2] + struct.pack("!HHHHH", flags, 1, bool(records), 0, 0) + question + records


if __name__ == "__main__":
    main(Path(sys.argv[1]))
