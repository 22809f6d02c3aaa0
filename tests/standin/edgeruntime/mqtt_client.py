"""A client that writes MQTT 3.1.1 by hand, so that the hub's own codec does not judge itself."""

from __future__ import annotations

import asyncio
import ssl
import struct
from dataclasses import dataclass

from standin.edgeruntime.hub.domain.identities.tokens import make_token
from tests.waiting import DEADLINE_S


@dataclass(frozen=True)
class Delivery:
    topic: str
    body: bytes
    packet_id: int
    again: bool


def text(value: str) -> bytes:
    return struct.pack(">H", len(value.encode())) + value.encode()


def packet(first: int, body: bytes) -> bytes:
    length, encoded = len(body), bytearray()
    while True:
        length, low = divmod(length, 128)
        encoded.append(low | 0x80 if length else low)
        if not length:
            return bytes((first,)) + bytes(encoded) + body


class MqttClient:
    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        self._address = address
        self._context = context
        self._packet_id = 0
        self._task: asyncio.Task[None] | None = None
        self.connack: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.subacks: asyncio.Queue[bytes] = asyncio.Queue()
        self.deliveries: asyncio.Queue[Delivery] = asyncio.Queue()
        self.pubacks: list[int] = []
        self.closed = asyncio.Event()
        self.acknowledges = True
        self.pongs = 0

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            self._address, 8883, ssl=self._context, server_hostname=self._address
        )
        self._task = asyncio.create_task(self._read())

    async def connect(
        self, client_id: str, username: str, password: str, *, clean: bool = False, keep_alive_s: int = 60
    ) -> bytes:
        await self.open()
        flags = 0xC0 | (0x02 if clean else 0)
        head = text("MQTT") + bytes((4, flags)) + struct.pack(">H", keep_alive_s)
        self.write(packet(0x10, head + text(client_id) + text(username) + text(password)))
        return await asyncio.wait_for(self.connack, DEADLINE_S)

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def subscribe(self, *filters: str) -> bytes:
        body = b"\x00\x07" + b"".join(text(name) + b"\x01" for name in filters)
        self.write(packet(0x82, body))
        return (await asyncio.wait_for(self.subacks.get(), DEADLINE_S))[2:]

    def publish(self, topic: str, body: bytes, *, qos: int = 1) -> int:
        self._packet_id = self._packet_id % 65535 + 1
        head = text(topic) + (struct.pack(">H", self._packet_id) if qos else b"")
        self.write(packet(0x30 | qos << 1, head + body))
        return self._packet_id

    async def receive(self) -> Delivery:
        return await asyncio.wait_for(self.deliveries.get(), DEADLINE_S)

    async def close(self) -> None:
        self._writer.close()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def abort(self) -> None:
        self._writer.transport.abort()
        await self.close()

    async def _read(self) -> None:
        try:
            while True:
                first = (await self._reader.readexactly(1))[0]
                length, shift = 0, 0
                while True:
                    byte = (await self._reader.readexactly(1))[0]
                    length |= (byte & 0x7F) << shift
                    shift += 7
                    if byte < 0x80:
                        break
                self._got(first, await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            self.closed.set()

    def _got(self, first: int, body: bytes) -> None:
        kind = first >> 4
        if kind == 2:
            self.connack.set_result(body)
        elif kind == 9:
            self.subacks.put_nowait(body)
        elif kind == 4:
            self.pubacks.append(int.from_bytes(body))
        elif kind == 13:
            self.pongs += 1
        elif kind == 3:
            self._delivered(first, body)

    def _delivered(self, first: int, body: bytes) -> None:
        end = 2 + int.from_bytes(body[:2])
        topic, packet_id = body[2:end].decode(), 0
        if first & 0x06:
            packet_id, end = int.from_bytes(body[end : end + 2]), end + 2
            if self.acknowledges:
                self.write(packet(0x40, packet_id.to_bytes(2)))
        self.deliveries.put_nowait(Delivery(topic, body[end:], packet_id, bool(first & 0x08)))


def credentials(host: str, device: str, module: str, key: str, *, lifetime_s: int = 3600) -> tuple[str, str, str]:
    """(client id, user name, password) as azure-iot-device sends them."""
    client_id = f"{device}/{module}"
    username = f"{host}/{client_id}/?api-version=2019-10-01&DeviceClientType=test"
    return client_id, username, make_token(f"{host}/devices/{device}/modules/{module}", key, lifetime_s=lifetime_s)
