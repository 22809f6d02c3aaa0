"""Endpoints with deployments over a Docker engine in memory, whose containers are one real HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from standin.core.arm import Resource
from standin.core.profile import FAST
from standin.machinelearning.online.running.replicas import Instance, Replicas
from tests.standin.asking import Answering
from tests.standin.containers.fake_docker import docker_host
from tests.standin.machinelearning.online.asking import REGION, WORKSPACE, arm, door, endpoint_body, path
from tests.standin.machinelearning.online.models import Models
from tests.waiting import eventually

PROBE = {"initialDelay": "PT0S", "period": "PT1S", "timeout": "PT30S", "failureThreshold": 200}
_ML = "Microsoft.MachineLearningServices/workspaces"


class World:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.models = Models()
        self.docker = self.models.docker
        self.asked = self.models.asked
        self.key = ""
        self.profile = FAST

    async def begin(self) -> None:
        await self.models.begin()
        await self.start()
        await self.answering.prepare()
        for image in ("one", "two"):
            self.environment(image)
        status, answer = await self.arm("PUT", path("ep-1"), endpoint_body())
        assert status == 201, answer
        self.key = (await self.arm("POST", path("ep-1") + "/listKeys"))[1]["primaryKey"]

    async def start(self) -> None:
        self.docker.stream = type(self.docker.stream)()
        self.answering = Answering(self.state, docker_host(self.docker), self.profile)
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
        await self.models.end()

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
        self.save(f"environments/{image}/versions/1", {"image": image, "inferenceConfig": self.models.routes()})

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
        return self.models.containers()

    def hold(self, image: str) -> asyncio.Event:
        return self.models.hold(image)

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
