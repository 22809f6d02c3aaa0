"""Handlers of `/_standin/`: health, clock, reset, and what is alive.

GET    /_standin/health
GET    /_standin/clock           POST {"advanceSeconds": 60}
GET    /_standin/resources
POST   /_standin/reset
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.containers.docker_host import DockerHost
from standin.control.inventory import Inventories
from standin.control.reset import Reset
from standin.core.addresses import Ports
from standin.core.auth import DEPLOYER_CLIENT_ID, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from standin.core.clock import Clock, iso
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, json_response
from standin.core.profile import Profile


class ControlHandlers:
    def __init__(
        self,
        inventories: Inventories,
        reset: Reset,
        *,
        clock: Clock,
        docker: DockerHost,
        ports: Ports,
        profile: Profile,
    ) -> None:
        self._inventories = inventories
        self._reset = reset
        self._time = clock
        self._docker = docker
        self._ports = ports
        self._profile = profile

    async def health(self, request: Request, _: Mapping[str, str]) -> Response:
        ports = self._ports
        return json_response(
            {
                "status": "ready",
                "profile": self._profile.name,
                "instance": self._docker.instance,
                "time": iso(self._time.now()),
                "tenantId": TENANT_ID,
                "subscriptionId": SUBSCRIPTION_ID,
                "deployer": {"objectId": DEPLOYER_OBJECT_ID, "clientId": DEPLOYER_CLIENT_ID},
                "ports": {"proxy": ports.proxy, "tls": ports.tls, "registry": ports.registry, "plain": ports.plain},
                "docker": {"bridgeAddress": self._docker.bridge_address},
            }
        )

    async def reset(self, request: Request, _: Mapping[str, str]) -> Response:
        """Answers what is alive nevertheless."""
        await self._reset.run()
        return json_response(await self._inventories.alive())

    async def clock(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response({"time": iso(self._time.now())})

    async def advance(self, request: Request, _: Mapping[str, str]) -> Response:
        seconds = request.json_object().get("advanceSeconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise BadRequest(f"advanceSeconds must be a number that is not negative, got {seconds!r}.")
        return json_response({"time": iso(self._time.advance(seconds))})

    async def resources(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response(await self._inventories.alive())
