"""Requests to the hub's service without a socket: what the SDKs cannot send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.core.errors import ServiceError
from standin.core.http import Request, Response, find_route
from standin.iothub.service import IotHubService
from tests.standin.iothub.conftest import HOST, Bench
from tests.standin.iothub.signing import sign


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The name in IoT Hub's error envelope."""
        message: str = self.body["Message"]
        return message.removeprefix("ErrorCode:").partition(";")[0]


class Rest:
    def __init__(self, bench: Bench, policy: str = "iothubowner") -> None:
        self._bench = bench
        self._service = IotHubService(bench.hubs, bench.base.roles)
        self._token = sign(HOST, bench.hub.record.policies[policy].primary, policy)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        version: str = "2021-04-12",
        host: str = HOST,
    ) -> Answer:
        request = Request(
            method=method,
            host=host,
            path=path,
            query={"api-version": version} if version else {},
            headers={"authorization": self._token if token is None else token, **(headers or {})},
            body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        )
        response = await self._answer(request)
        return Answer(response.status, json.loads(response.body) if response.body else None, response.headers)

    async def _answer(self, request: Request) -> Response:
        found = find_route(self._service.routes, request.method, request.path)
        assert found is not None
        route, parameters = found
        try:
            return await route.handler(request, parameters)
        except ServiceError as problem:
            return self._service.error(problem)
