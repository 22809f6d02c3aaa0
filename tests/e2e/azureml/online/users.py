"""Users of an online endpoint: `python -m tests.e2e.azureml.online.users`, in the stack's environment.

They ask at a fixed rate: each question has its time, and what it is late counts as if the endpoint had been slow. They
dial the endpoint's own name at the stand-in's TLS listener, as users without a proxy do. Beside them azure-ai-ml asks
for the endpoint's traffic, as who gets which answer only says something with it.

The first line of the input is `Question` as JSON, the end of the input ends it; the output is `Found` as JSON. Times
are of the clock `time.monotonic`, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

from tests.e2e.azureml.online.azure import endpoints

_ANSWER_S = 60.0
_USERS = 32
"""Each asks again once it is answered. Were they more, a machine that stood still for a second would make a burst that
the endpoint refuses (it lets 128 in), and as many handshakes."""
_LOOK_S = 0.1
_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Question:
    host: str
    port: int
    key: str
    body: str
    rate: float
    endpoint: tuple[str, str, str]
    """Resource group, workspace, name."""


@dataclass
class Found:
    answers: list[tuple[float, float, int, str, str]] = field(default_factory=list)
    """When it was due, seconds until its answer, status (0: none came), deployment, what was said where it failed."""
    looks: list[tuple[float, float, dict[str, int]]] = field(default_factory=list)
    """When a look at the traffic began and ended, and what it was; without those between two that were the same."""


class Users:
    def __init__(self, question: Question, found: Found) -> None:
        head = (
            f"POST /score HTTP/1.1\r\nHost: {question.host}\r\nAuthorization: Bearer {question.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(question.body)}\r\n\r\n"
        )
        self._sent = (head + question.body).encode()
        self._question = question
        self._found = found
        self._context = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
        self._numbers = count()

    async def ask_until(self, over: asyncio.Event) -> None:
        began = time.monotonic()
        await asyncio.gather(*(self._user(began, over) for _ in range(_USERS)))

    async def _user(self, began: float, over: asyncio.Event) -> None:
        connection: _Connection | None = None
        while not over.is_set():
            due = began + next(self._numbers) / self._question.rate
            if (early := due - time.monotonic()) > 0:
                await asyncio.sleep(early)
            try:
                async with asyncio.timeout(_ANSWER_S):
                    connection = connection or await self._connected()
                    status, deployment, said = await self._answer(*connection)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                status, deployment, said = 0, "", repr(error)
                if connection is not None:
                    connection[1].close()
                connection = None
            said = said if status != 200 else ""
            self._found.answers.append((due, time.monotonic() - due, status, deployment, said))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, str, str]:
        writer.write(self._sent)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        said = (await reader.readexactly(int(headers.get("content-length", 0)))).decode(errors="replace")
        reason = headers.get("ms-azureml-model-error-reason", "")
        return int(first.split(" ")[1]), headers.get("azureml-model-deployment", ""), f"{reason} {said}"

    async def _connected(self) -> _Connection:
        host = self._question.host
        return await asyncio.open_connection("127.0.0.1", self._question.port, ssl=self._context, server_hostname=host)


async def look_until(over: asyncio.Event, client: Any, name: str, found: Found) -> None:
    def look() -> tuple[float, float, dict[str, int]]:
        began = time.monotonic()
        traffic = client.get(name).traffic
        return began, time.monotonic(), {name: share for name, share in traffic.items() if share}

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as pool:
        while not over.is_set():
            one = await loop.run_in_executor(pool, look)
            if len(found.looks) > 1 and found.looks[-1][2] == found.looks[-2][2] == one[2]:
                found.looks.pop()
            found.looks.append(one)
            await asyncio.sleep(_LOOK_S)


async def main() -> None:
    question, found, over = Question(**json.loads(sys.stdin.readline())), Found(), asyncio.Event()
    group, workspace, name = question.endpoint
    client = endpoints(group, workspace)  # its imports take seconds in which nobody could ask
    client.get(name)
    print("asking", flush=True)

    async def ends() -> None:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        over.set()

    await asyncio.gather(ends(), Users(question, found).ask_until(over), look_until(over, client, name, found))
    shown: dict[str, Any] = asdict(found)
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
