"""A module's socket signs for that module alone."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from standin.edgeruntime.hub.domain.identities.tokens import sign
from standin.edgeruntime.iothub_port import MANAGED_BY
from tests.standin.edgeruntime.running_hub import DEVICE, Site
from tests.waiting import eventually

pytestmark = pytest.mark.slow

VERSION = "api-version=2021-12-07"
BODY = {"keyId": "primary", "algo": "HMACSHA256", "data": base64.b64encode(b"sr\nse").decode()}


async def ask(site: Site, owner: str, method: str, target: str, body: Any = None) -> tuple[int, Any]:
    reader, writer = await asyncio.open_unix_connection(site.root / "w" / owner / "workload.sock")
    content = b"" if body is None else json.dumps(body).encode()
    writer.write(f"{method} {target} HTTP/1.1\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
    status = int((await reader.readline()).split()[1])
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.decode().lower().split("content-length:")[1].split()[0])
    answer = json.loads(await reader.readexactly(length))
    writer.close()
    return status, answer


def target(site: Site, module: str) -> str:
    identity = site.hub.identity(DEVICE, module)
    assert identity
    return f"/modules/{module}/genid/{identity.generation_id}/sign?{VERSION}"


async def test_it_signs_with_the_modules_key(running: Site) -> None:
    status, answer = await ask(running, "sensor", "POST", target(running, "sensor"), BODY)
    identity = running.hub.identity(DEVICE, "sensor")
    assert identity
    assert (status, answer) == (200, {"digest": sign(identity.primary_key, b"sr\nse")})


async def test_it_does_not_sign_for_another_module(running: Site) -> None:
    status, answer = await ask(running, "sensor", "POST", target(running, "scorer"), BODY)
    assert status == 403 and "'sensor' only" in answer["message"]


async def test_it_tells_whom_to_trust(running: Site) -> None:
    status, answer = await ask(running, "sensor", "GET", f"/trust-bundle?{VERSION}")
    assert (status, answer["certificate"]) == (200, running.base.authority.ca_pem.read_text())


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/modules/sensor/genid/0/sign?" + VERSION, BODY, 404),
        ("/modules/sensor/genid/1/sign?api-version=1999-01-01", BODY, 400),
        ("/modules/sensor/genid/1/certificate/server?" + VERSION, {}, 404),
        ("/modules/sensor/genid/1/sign?" + VERSION, {"keyId": "primary"}, 400),
        ("/modules/sensor/genid/1/sign?" + VERSION, {**BODY, "algo": "MD5"}, 400),
    ],
)
async def test_what_it_does_not_know_it_refuses(running: Site, path: str, body: Any, status: int) -> None:
    assert (await ask(running, "sensor", "POST", path, body))[0] == status


async def test_a_module_that_comes_gets_a_socket_and_one_that_goes_loses_it(running: Site) -> None:
    running.hub.ensure_module(DEVICE, "fresh", MANAGED_BY)
    path = running.root / "w" / "fresh" / "workload.sock"
    await eventually(path.exists)
    running.hub.remove_module(DEVICE, "fresh")
    await eventually(lambda: not path.exists())
