"""The handlers of `/_standin/`: health, reset, clock, faults, and what is alive.

GET    /_standin/health
POST   /_standin/reset
GET    /_standin/clock           POST {"advanceSeconds": 60}
GET    /_standin/faults          POST {"host", "path", "method", "status" | "reset": true, "count"}    DELETE
POST   /_standin/faults/cut      {"device": "edge-01", "cut": true}
GET    /_standin/resources
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from standin.core.arm.groups import GROUP_TYPE
from standin.core.auth import DEPLOYER_CLIENT_ID, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from standin.core.clock import iso
from standin.core.docker import LABEL, DockerAbsent
from standin.core.errors import BadRequest, ServiceError
from standin.core.faults import Fault
from standin.core.http import Request, Response, Route, WebSocketHandler, json_response
from standin.core.world import CONTROL_HOST, World

if TYPE_CHECKING:
    from docker import DockerClient

    from standin.core.arm.service import ArmService


class ControlService:
    hosts: Sequence[str] = (CONTROL_HOST,)
    websockets: Mapping[str, WebSocketHandler] = {}
    throttles = False

    def __init__(self, world: World, arm: ArmService) -> None:
        self._world = world
        self._arm = arm
        control = world.control
        control.route("GET", "/_standin/health", self._health)
        control.route("POST", "/_standin/reset", self._reset)
        control.route("GET", "/_standin/clock", self._clock)
        control.route("POST", "/_standin/clock", self._advance)
        control.route("GET", "/_standin/faults", self._faults)
        control.route("POST", "/_standin/faults", self._plan_fault)
        control.route("DELETE", "/_standin/faults", self._clear_faults)
        control.route("POST", "/_standin/faults/cut", self._cut)
        control.route("GET", "/_standin/resources", self._resources)
        self.routes: Sequence[Route] = control.routes

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None

    def error(self, problem: ServiceError) -> Response:
        body = {"error": {"code": problem.code, "message": problem.message}}
        return json_response(body, problem.status, problem.headers)

    async def _health(self, request: Request, _: Mapping[str, str]) -> Response:
        world = self._world
        return json_response(
            {
                "status": "ready",
                "profile": world.profile.name,
                "instance": world.instance,
                "time": iso(world.clock.now()),
                "tenantId": TENANT_ID,
                "subscriptionId": SUBSCRIPTION_ID,
                "deployer": {"objectId": DEPLOYER_OBJECT_ID, "clientId": DEPLOYER_CLIENT_ID},
                "ports": {
                    "proxy": world.ports.proxy,
                    "tls": world.ports.tls,
                    "registry": world.ports.registry,
                    "plain": world.ports.plain,
                },
                "docker": {"bridgeAddress": world.docker.bridge_address},
            }
        )

    async def _reset(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Purges every resource and forgets faults, throttling and the moved clock. Keys and the CA stay."""
        await self._arm.purge_all()
        self._world.faults.clear()
        self._world.store.delete_all("throttled")
        self._world.clock.reset()
        return await self._resources(request, parameters)

    async def _clock(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response({"time": iso(self._world.clock.now())})

    async def _advance(self, request: Request, _: Mapping[str, str]) -> Response:
        seconds = request.json_object().get("advanceSeconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise BadRequest(f"advanceSeconds must be a number that is not negative, got {seconds!r}.")
        return json_response({"time": iso(self._world.clock.advance(seconds))})

    async def _faults(self, request: Request, _: Mapping[str, str]) -> Response:
        faults = self._world.faults
        planned = [
            {
                "host": fault.host,
                "path": fault.path,
                "method": fault.method,
                "status": fault.status,
                "count": fault.count,
            }
            for fault in faults.planned
        ]
        return json_response({"planned": planned, "cutDevices": faults.cut_devices()})

    async def _plan_fault(self, request: Request, parameters: Mapping[str, str]) -> Response:
        body = request.json_object()
        unknown = set(body) - {"host", "path", "method", "status", "reset", "count"}
        if unknown:
            raise BadRequest(f"Unknown keys of a fault: {sorted(unknown)}.")
        status, count = body.get("status", 503), body.get("count", 1)
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise BadRequest(f"status must be a number from 400 to 599, got {status!r}.")
        if not isinstance(count, int) or count < 1:
            raise BadRequest(f"count must be a number of 1 or more, got {count!r}.")
        self._world.faults.planned.append(
            Fault(
                host=str(body.get("host", "")),
                path=str(body.get("path", "")),
                method=str(body.get("method", "")),
                status=None if body.get("reset") else status,
                count=count,
            )
        )
        return await self._faults(request, parameters)

    async def _clear_faults(self, request: Request, parameters: Mapping[str, str]) -> Response:
        self._world.faults.clear()
        return await self._faults(request, parameters)

    async def _cut(self, request: Request, parameters: Mapping[str, str]) -> Response:
        body = request.json_object()
        device, cut = body.get("device"), body.get("cut", True)
        if not isinstance(device, str) or not device or not isinstance(cut, bool):
            raise BadRequest(f'Expected {{"device": "<id>", "cut": true|false}}, got {body!r}.')
        if cut:
            self._world.faults.cut(device)
        else:
            self._world.faults.restore(device)
        return await self._faults(request, parameters)

    async def _resources(self, request: Request, _: Mapping[str, str]) -> Response:
        arm = self._world.arm
        alive: dict[str, Any] = {
            "groups": [group.id for group in arm.list(GROUP_TYPE)],
            "resources": [resource.id for resource in arm.list() if resource.type != GROUP_TYPE],
            "deleted": [resource.id for resource in arm.deleted()],
            "docker": await self._docker_things(),
        }
        for name, inventory in self._world.control.inventories.items():
            alive[name] = await inventory()
        return json_response(alive)

    async def _docker_things(self) -> list[str]:
        try:
            return await self._world.docker.run(lambda client: _labelled(client, self._world.instance))
        except DockerAbsent:
            return []


def _labelled(client: DockerClient, instance: str) -> list[str]:
    wanted: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={instance}"}
    containers = [f"container {found.name}" for found in client.containers.list(all=True, filters=wanted)]
    networks = [f"network {found.name}" for found in client.networks.list(filters=wanted)]
    volumes = [f"volume {found.name}" for found in client.volumes.list(filters=wanted)]
    return containers + networks + volumes
