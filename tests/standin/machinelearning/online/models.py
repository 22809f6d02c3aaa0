"""Containers of deployments: a Docker engine in memory, behind whose addresses one real HTTP server answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tests.standin.containers.fake_docker import FakeDocker


@dataclass
class Asked:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    image: str
    instance: str
    """The group of containers that was asked."""


Answer = tuple[int, bytes]
Model = Callable[[Asked], Awaitable[Answer | None]]
"""None ends the connection without an answer."""


async def echo(asked: Asked) -> Answer:
    return 200, json.dumps({"image": asked.image, "said": asked.body.decode()}).encode()


class Models:
    def __init__(self) -> None:
        self.docker = FakeDocker()
        self.of: dict[str, Model] = {}
        """How the containers of an image answer; `echo` where it is not here."""
        self.asked: list[Asked] = []
        self.port = 0
        self._held: dict[str, asyncio.Event] = {}
        """Images whose containers do not say yet whether they are ready."""
        self._open: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        # each container has an address of its own, and this is all of them
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def hold(self, image: str) -> asyncio.Event:
        """Its containers are ready once this is set."""
        return self._held.setdefault(image, asyncio.Event())

    def routes(self) -> dict[str, Any]:
        """`inferenceConfig` of an environment."""
        paths = {"liveness": "/live", "readiness": "/ready", "scoring": "/score"}
        return {f"{name}Route": {"path": where, "port": self.port} for name, where in paths.items()}

    def containers(self) -> list[str]:
        return sorted(name for name in self.docker.things["containers"] if name.endswith("-model"))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._open.add(task)
        try:
            while (asked := await self._read(reader, writer)) is not None:
                answer = await self._answer(asked)
                if answer is None:
                    break
                head = f"HTTP/1.1 {answer[0]} X\r\ncontent-type: application/json\r\ncontent-length: {len(answer[1])}"
                writer.write(f"{head}\r\n\r\n".encode() + answer[1])
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked | None:
        address = writer.get_extra_info("sockname")[0]
        pause = next(name for name, one in self.docker.addresses.items() if one == address)
        name = pause.removesuffix("-pause") + "-model"
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(": ") for line in lines)
        headers = {key.lower(): value for key, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if name not in self.docker.running():
            return None
        return Asked(
            method,
            target,
            headers,
            body,
            self.docker.bodies[name]["Image"].removeprefix("sha256:"),
            pause.removesuffix("-pause"),
        )

    async def _answer(self, asked: Asked) -> Answer | None:
        if asked.target in ("/live", "/ready"):
            if asked.image in self._held and asked.target == "/ready":
                await self._held[asked.image].wait()
            return 200, b""
        self.asked.append(asked)
        return await self.of.get(asked.image, echo)(asked)
