"""Endpoints with deployments over a Docker engine in memory, whose containers are one real HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from standin.core.arm import Resource
from standin.machinelearning.online.running.replicas import Instance, Replicas
from tests.standin.asking import Answering
from tests.standin.containers.fake_docker import FakeDocker
from tests.standin.machinelearning.online.asking import REGION, WORKSPACE, arm, door, endpoint_body, path
from tests.waiting import eventually

PROBE = {"initialDelay": "PT0S", "period": "PT1S", "timeout": "PT30S", "failureThreshold": 200}
_ML = "Microsoft.MachineLearningServices/workspaces"


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


class World:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.docker = FakeDocker()
        self.models: dict[str, Model] = {}
        """How the containers of an image answer; `echo` where it is not here."""
        self._held: dict[str, asyncio.Event] = {}
        """Images whose containers do not say yet whether they are ready."""
        self.asked: list[Asked] = []
        self.port = 0
        self.key = ""
        self._open: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        # each container has an address of its own, and this is all of them
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        await self.start()
        await self.answering.prepare()
        for image in ("one", "two"):
            self.environment(image)
        status, answer = await self.arm("PUT", path("ep-1"), endpoint_body())
        assert status == 201, answer
        self.key = (await self.arm("POST", path("ep-1") + "/listKeys"))[1]["primaryKey"]

    async def start(self) -> None:
        self.docker.stream = type(self.docker.stream)()
        self.answering = Answering(self.state)
        self.answering.base.docker._client = cast(Any, self.docker)
        self.service = next(one.service for one in self.answering.parts if one.name == "machinelearning.online")
        assert self.service is not None
        await self.service.start()
        await self.answering.standin.arm_service.start()

    async def kill(self) -> None:
        """The process is gone; Docker and the store are as they were."""
        await self.answering.standin.arm_service.stop()
        assert self.service is not None
        await self.service.stop()
        await self.answering.base.close()

    async def end(self) -> None:
        await self.kill()
        self._server.close()
        for task in list(self._open):
            task.cancel()

    # -- what is asked

    async def arm(self, method: str, where: str, body: object = None) -> tuple[int, dict[str, Any]]:
        return await arm(self.answering, method, where, body)

    async def score(self, said: object = "x", **more: Any) -> tuple[int, str, Mapping[str, str]]:
        return await door(self.answering, "ep-1", f"Bearer {self.key}", body=said, **more)

    async def deploy(self, name: str, image: str = "one", **more: Any) -> dict[str, Any]:
        """Until it has succeeded or failed."""
        status, answer = await self.arm("PUT", path("ep-1", name), self.body(image, **more))
        assert status in (200, 201), answer
        return await self.settled(name)

    async def settled(self, name: str) -> dict[str, Any]:
        while True:
            answer = (await self.arm("GET", path("ep-1", name)))[1]
            if answer["properties"]["provisioningState"] in ("Succeeded", "Failed"):
                return answer
            await asyncio.sleep(0.01)

    async def until_answered_by(self, image: str) -> None:
        """Whatever comes before it must be an answer, too."""
        while True:
            status, text, _ = await self.score()
            assert status == 200, text
            if json.loads(text).get("image") == image:
                return
            await asyncio.sleep(0.005)

    async def traffic(self, **shares: int) -> None:
        status, answer = await self.arm("PUT", path("ep-1"), endpoint_body(traffic=shares))
        assert status == 200, answer

    def body(self, image: str = "one", *, instances: int = 1, **properties: Any) -> dict[str, Any]:
        whole = {
            "endpointComputeType": "Managed",
            "environmentId": f"{WORKSPACE}/environments/{image}/versions/1",
            "instanceType": "Standard_DS2_v2",
            "livenessProbe": PROBE,
            "readinessProbe": PROBE,
            **properties,
        }
        return {"location": REGION, "sku": {"name": "Default", "capacity": instances}, "properties": whole}

    # -- what is there

    def environment(self, image: str) -> None:
        self.docker.present.add(image)
        self.save(f"environments/{image}/versions/1", {"image": image, **self.routes()})

    def routes(self) -> dict[str, Any]:
        routes = {
            f"{name}Route": {"path": f"/{where}", "port": self.port}
            for name, where in (("liveness", "live"), ("readiness", "ready"), ("scoring", "score"))
        }
        return {"inferenceConfig": routes}

    def save(self, below: str, properties: Mapping[str, Any], kind: str = "") -> None:
        words = below.split("/")
        self.answering.base.arm.save(
            Resource(
                id=f"{WORKSPACE}/{below}",
                type=kind or "/".join([_ML, *words[0::2]]),
                name=words[-1],
                body={"properties": dict(properties)},
                created_at="2026-01-01T00:00:00Z",
                changed_at="2026-01-01T00:00:00Z",
            )
        )

    def containers(self) -> list[str]:
        return sorted(name for name in self.docker.things["containers"] if name.endswith("-model"))

    def hold(self, image: str) -> asyncio.Event:
        """Its containers are ready once this is set."""
        return self._held.setdefault(image, asyncio.Event())

    async def crash(self, name: str, said: str = "") -> None:
        """A container ends again and again, and Docker restarts it."""
        await eventually(lambda: name in self.docker.running())
        self.docker.written[name] = said.encode()
        self.docker.restarted[name] = 3
        self.docker.end(name, code=3)

    def taking_requests(self, deployment: str, instances: int) -> int:
        """How many of the first run's instances the door would ask."""
        replicas: Replicas = cast(Any, self.service)._replicas
        key = path("ep-1", deployment).lower()
        return sum(replicas.takes_requests(Instance(key, 1, number)) for number in range(instances))

    async def until_containers(self, count: int) -> None:
        await eventually(lambda: len(self.containers()) == count)

    # -- the containers

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
        return await self.models.get(asked.image, echo)(asked)
