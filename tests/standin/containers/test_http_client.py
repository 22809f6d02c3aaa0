from __future__ import annotations

import asyncio

import pytest

from standin.containers import http_client


async def answered(sent: bytes) -> tuple[http_client.Answer, bytes]:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(sent)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await http_client.get("127.0.0.1", port, "/x", headers={"X-Name": "v"}), asked[0]


async def test_status_and_headers_are_read() -> None:
    answer, asked = await answered(b"HTTP/1.0 401 No\r\nWWW-Authenticate: a=1\r\nwww-authenticate: b\r\n\r\nbody")
    assert (answer.status, answer.headers) == (401, {"www-authenticate": "a=1, b"})
    assert asked.startswith(b"GET /x HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nX-Name: v\r\n" in asked


async def test_an_answer_that_ends_after_its_status_counts() -> None:
    assert (await answered(b"HTTP/1.1 200 OK\r\n"))[0].status == 200


@pytest.mark.parametrize("sent", [b"", b"SSH-2.0-OpenSSH_9\r\n"])
async def test_what_is_not_http_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match="not HTTP"):
        await answered(sent)
