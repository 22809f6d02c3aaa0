"""Where an endpoint is asked to score: checks the key, and chooses the deployment.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes
"""

from __future__ import annotations

import hmac
import random
from collections.abc import Callable, Mapping

from standin.core.arm import Resource
from standin.core.http import Request, Response
from standin.machinelearning.online.errors import KeyRefused, NoSuchDeployment, NoSuchEndpoint, NoTraffic
from standin.machinelearning.online.hosts import Hosts
from standin.machinelearning.online.traffic import chosen

CHOICE = "azureml-model-deployment"
"""The header that asks for one deployment, whatever its share, and tells which one answered."""


class Door:
    def __init__(self, hosts: Hosts, draw: Callable[[], float] = random.random) -> None:
        self._hosts = hosts
        self._draw = draw

    async def answer(self, request: Request, _: Mapping[str, str]) -> Response:
        endpoint = self._hosts.endpoint(request.host)
        if endpoint is None:
            raise NoSuchEndpoint(request.host)
        _check_key(endpoint, request)
        self._choose(endpoint, request)
        raise NoSuchDeployment

    def _choose(self, endpoint: Resource, request: Request) -> str:
        asked = request.headers.get(CHOICE)
        name = asked or chosen(endpoint.properties.get("traffic") or {}, self._draw)
        if name is None:
            raise NoTraffic
        return name


def _check_key(endpoint: Resource, request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise KeyRefused(given=False)
    keys = endpoint.private.get("keys", {}).values()
    if not any(hmac.compare_digest(known.encode(), key.strip().encode()) for known in keys):
        raise KeyRefused(given=True)
