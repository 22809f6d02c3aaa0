"""Where an endpoint is asked to score: checks the key, chooses the deployment, and asks one of its instances.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes
Names of headers and reasons are those of the proxy that Azure ML puts before a model, and of answers that users show.
"""

from __future__ import annotations

import asyncio
import hmac
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from standin.containers.errors import NotInEngine
from standin.core.arm import Arm, Resource
from standin.core.errors import ServiceError
from standin.core.http import Request, Response
from standin.core.serving.tasks import Tasks
from standin.machinelearning.online.clusters import Clusters
from standin.machinelearning.online.errors import (
    KeyRefused,
    ModelBroke,
    ModelNotReady,
    NoSuchDeployment,
    NoSuchEndpoint,
    NoTraffic,
    TimedOut,
    on_kubernetes,
)
from standin.machinelearning.online.hosts import Hosts
from standin.machinelearning.online.names import is_kubernetes
from standin.machinelearning.online.running.places import Places
from standin.machinelearning.online.running.replicas import Instance, Replicas, instances_of
from standin.machinelearning.online.running.served import Served, served_by
from standin.machinelearning.online.running.upstream import HOP_BY_HOP, Answer, NoAnswer, Upstream
from standin.machinelearning.online.traffic import chosen

CHOICE = "azureml-model-deployment"
"""The header that asks for one deployment, whatever its share, and tells which one answered."""
_ON_KUBERNETES = re.compile(r"/api/v1/endpoint/(?P<endpoint>[^/]+)(?P<rest>/.*)", re.DOTALL)
"""Azure/AML-Kubernetes#282 cites such an address."""
_CLIENT_ID = "x-ms-client-request-id"
_LONGEST_CLIENT_ID = 40
_SERVER = "azureml-frontdoor"
_KEPT_FROM_MODELS = ("authorization", "host")


class Door:
    def __init__(
        self,
        arm: Arm,
        hosts: Hosts,
        clusters: Clusters,
        *,
        replicas: Replicas,
        upstream: Upstream,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._clusters = clusters
        self._arm = arm
        self._hosts = hosts
        self._replicas = replicas
        self._upstream = upstream
        self._draw = draw
        self._places: dict[str, tuple[int, Places]] = {}
        """Of each deployment: its run and how many of its requests are under way."""
        self._mirrored = Tasks()

    async def answer(self, request: Request, _: Mapping[str, str]) -> Response:
        endpoint = self._hosts.endpoint(request.host)
        if endpoint is None and request.host in self._clusters.hosts:
            endpoint, request = self._on_kubernetes(request)
        if endpoint is None:
            raise NoSuchEndpoint(request.host)
        _check_key(endpoint, request)
        name = request.headers.get(CHOICE)
        if not name:
            name = chosen(endpoint.properties.get("traffic") or {}, self._draw)
            self._mirror(endpoint, request)
        if name is None:
            raise NoTraffic
        headers = _headers_for_model(request)
        told = {CHOICE: name, "azureml-model-session": name, "x-request-id": headers["x-request-id"]}
        try:
            answer = await self._ask(f"{endpoint.id}/deployments/{name}", request, headers)
        except ServiceError as problem:
            problem.headers |= {} if isinstance(problem, NoSuchDeployment) else told
            raise on_kubernetes(problem) if is_kubernetes(endpoint) else problem from problem
        return _passed_on(answer, told) if is_kubernetes(endpoint) else _response(answer, told)

    def _on_kubernetes(self, request: Request) -> tuple[Resource | None, Request]:
        """The endpoint that the path names, and the request as the model gets it."""
        matched = _ON_KUBERNETES.fullmatch(request.raw_path)
        endpoint = self._hosts.on_kubernetes(matched["endpoint"]) if matched else None
        if matched is None or endpoint is None or self._clusters.cname_of(endpoint) != request.host:
            return None, request
        return endpoint, replace(request, raw_path=matched["rest"])

    async def close(self) -> None:
        await self._mirrored.end()
        self._upstream.close()

    def _mirror(self, endpoint: Resource, request: Request) -> None:
        """A copy to whom a share is mirrored; its answer goes nowhere."""
        for name, share in (endpoint.properties.get("mirrorTraffic") or {}).items():
            if self._draw() * 100 < share:
                self._mirrored.begin(self._ask_in_vain(f"{endpoint.id}/deployments/{name}", request))

    async def _ask_in_vain(self, deployment_id: str, request: Request) -> None:
        try:
            await self._ask(deployment_id, request, _headers_for_model(request))
        except ServiceError:
            return

    async def _ask(self, deployment_id: str, request: Request, headers: Mapping[str, str]) -> Answer:
        served = self._served(deployment_id)
        limits = served.limits
        # on Kubernetes instances of several runs answer together
        places = self._places_of(deployment_id.lower(), 0 if served.on_kubernetes else served.run)
        try:
            async with asyncio.timeout(limits.timeout_s):
                async with places.one(limits.concurrent * served.count, limits.queue_s):
                    return await self._ask_an_instance(deployment_id, request, headers)
        except TimeoutError as problem:
            raise TimedOut from problem

    def _places_of(self, key: str, run: int) -> Places:
        """New instances do not wait for requests of the old ones."""
        known, places = self._places.get(key, (run, Places()))
        if known != run:
            places = Places()
        self._places[key] = (run, places)
        return places

    async def _ask_an_instance(self, deployment_id: str, request: Request, headers: Mapping[str, str]) -> Answer:
        """One after the other where an instance cannot be reached; where it was, nobody is asked again."""
        served = self._served(deployment_id)  # anew: while it waited others may have come
        deployment = self._arm.require(deployment_id)
        left = dict(instances_of(deployment, served))
        while left:
            instance = self._pick(list(left))
            if instance is None:
                break
            replica = left.pop(instance)
            with self._replicas.asked(instance):
                try:
                    place = (await self._replicas.address(instance), replica.port)
                    target = request.raw_path + (f"?{request.raw_query}" if request.raw_query else "")
                    return await self._upstream.ask(place, request.method, target, headers, request.body)
                except NoAnswer as problem:
                    raise ModelBroke from problem
                except (OSError, NotInEngine):
                    self._replicas.forget_address(instance)
        raise ModelNotReady

    def _pick(self, instances: list[Instance]) -> Instance | None:
        """The one with the least to do, of those that take requests."""
        ready = [instance for instance in instances if self._replicas.takes_requests(instance)]
        random.shuffle(ready)
        return min(ready, key=self._replicas.busy, default=None)

    def _served(self, deployment_id: str) -> Served:
        deployment = self._arm.get(deployment_id)
        served = served_by(deployment) if deployment else None
        if deployment is None:
            raise NoSuchDeployment
        if served is None:
            raise ModelNotReady
        return served


def _check_key(endpoint: Resource, request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise KeyRefused(given=False)
    keys = endpoint.private.get("keys", {}).values()
    if not any(hmac.compare_digest(known.encode(), key.strip().encode()) for known in keys):
        raise KeyRefused(given=True)


def _headers_for_model(request: Request) -> dict[str, str]:
    """The key stays at the door, and each request has an id of Azure's own."""
    passed = {name: value for name, value in request.headers.items() if name not in _KEPT_FROM_MODELS}
    if _CLIENT_ID in passed:
        passed[_CLIENT_ID] = re.sub(r"[^\w-]", "", passed[_CLIENT_ID], flags=re.ASCII)[:_LONGEST_CLIENT_ID]
    return {**passed, "host": request.host, "x-request-id": str(uuid.uuid4())}


def _passed_on(answer: Answer, told: Mapping[str, str]) -> Response:
    """On Kubernetes a model's own status comes through."""
    dropped = HOP_BY_HOP | {"content-length", "date"}
    headers = {name: value for name, value in answer.headers.items() if name not in dropped}
    return Response(status=answer.status, body=answer.body, headers={**headers, **told})


def _response(answer: Answer, told: Mapping[str, str]) -> Response:
    """A model that answers anything but 200 is a model that failed: 424, with its own words."""
    dropped = HOP_BY_HOP | {"content-length", "date"}
    headers = {name: value for name, value in answer.headers.items() if name not in dropped} | {"server": _SERVER}
    if answer.status == 200:
        return Response(status=200, body=answer.body, headers={**headers, **told})
    reasons = {"ms-azureml-model-error-reason": "model_error", "ms-azureml-model-error-statuscode": str(answer.status)}
    return Response(status=424, body=answer.body, headers={**headers, **told, **reasons})
