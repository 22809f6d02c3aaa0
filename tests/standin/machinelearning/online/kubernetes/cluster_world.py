"""An endpoint on a cluster of Kubernetes, over the same Docker engine in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from standin.machinelearning.online.running.replicas import Instance, Replicas
from tests.standin.asking import Asked
from tests.standin.kubernetesconfiguration.clusters import CNAME, cluster_path, made, with_extension
from tests.standin.machinelearning.online.asking import REGION, WORKSPACE, path
from tests.standin.machinelearning.online.world import World

COMPUTE = f"{WORKSPACE}/computes/k8s"
SMALL = {"resources": {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}}
WHERE = path("ep-k8s")


def endpoint(**properties: Any) -> dict[str, Any]:
    return {
        "location": REGION,
        "kind": "Kubernetes",
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key", "compute": COMPUTE, **properties},
    }


class ClusterWorld(World):
    async def begin(self) -> None:
        await super().begin()
        await with_extension(self.answering)
        inner = {"namespace": "azureml", "instanceTypes": {"small": SMALL}, "defaultInstanceType": "small"}
        compute = {"computeType": "Kubernetes", "resourceId": cluster_path(), "properties": inner}
        await made(self.answering, COMPUTE, {"location": REGION, "properties": compute})
        await made(self.answering, WHERE, endpoint())
        self.key = (await self.arm("POST", WHERE + "/listKeys"))[1]["primaryKey"]

    async def start(self) -> None:
        await super().start()
        routers = next(one.service for one in self.answering.parts if one.name == "kubernetesconfiguration")
        await cast(Any, routers).start()

    def body(self, image: str = "one", *, instances: int = 2, **properties: Any) -> dict[str, Any]:
        return {
            **super().body(
                image,
                instances=instances,
                **{
                    "endpointComputeType": "Kubernetes",
                    "instanceType": "small",
                    "scaleSettings": {"scaleType": "Default"},
                    "requestSettings": {"maxConcurrentRequestsPerInstance": 50, "requestTimeout": "PT60S"},
                    **properties,
                },
            ),
            "kind": "Kubernetes",
        }

    async def put(self, name: str, image: str = "one", **more: Any) -> tuple[int, dict[str, Any]]:
        return await self.arm("PUT", path("ep-k8s", name), self.body(image, **more))

    async def deploy(self, name: str, image: str = "one", **more: Any) -> dict[str, Any]:
        status, answer = await self.put(name, image, **more)
        assert status in (200, 201), answer
        return await self.settled(name)

    async def settled(self, name: str) -> dict[str, Any]:
        while True:
            answer = (await self.arm("GET", path("ep-k8s", name)))[1]
            if answer["properties"]["provisioningState"] in ("Succeeded", "Failed"):
                return answer
            await asyncio.sleep(0.01)

    async def traffic(self, **shares: int) -> None:
        status, answer = await self.arm("PUT", WHERE, endpoint(traffic=shares))
        assert status == 200, answer

    async def score(self, said: object = "x", **more: Any) -> tuple[int, str, Mapping[str, str]]:
        where = more.pop("where", "/api/v1/endpoint/ep-k8s/score")
        headers = {"authorization": f"Bearer {more.pop('key', self.key)}"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        asked = Asked(method="POST", host=CNAME, path=where, audience="")
        return await self.answering.answered(asked, headers=headers, body=said)

    def taking(self, deployment: str, instances: int) -> int:
        """How many of the first run's replicas the door would ask."""
        replicas: Replicas = cast(Any, self.service)._replicas
        key = path("ep-k8s", deployment).lower()
        return sum(replicas.takes_requests(Instance(key, 1, number)) for number in range(instances))

    def runs(self) -> list[str]:
        """The images of the containers that run, in the order of their names."""
        return sorted(self.docker.bodies[name]["Image"].removeprefix("sha256:") for name in self.containers())
