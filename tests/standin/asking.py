"""The whole stand-in in this process, without a socket, and every operation that it serves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import quote, urlencode

from standin.app import Standin, all_parts
from standin.blob.routes import operations
from standin.containers.docker_host import DockerHost
from standin.core.arm.groups import GROUP_TYPE
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from standin.core.http import find_route
from standin.core.obeys import NOTHING, Obeys
from standin.core.profile import FAST, Profile
from standin.foundation import lay_foundation
from standin.iothub.rest.routes import HUB_ROUTES
from tests.standin.opened import no_port_443
from tests.standin.running import newest_version

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg"
ARM = "management.azure.com"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One operation: a request that it would take, and what it says that it obeys."""

    method: str
    host: str
    path: str
    audience: str
    obeys: Obeys = NOTHING
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    says_body: bool = False
    """Whether it reads a JSON body."""

    def __str__(self) -> str:
        return f"{self.method} {self.host}{self.path} {dict(self.query)}"


class Answering:
    def __init__(self, state: Path, docker: DockerHost | None = None, profile: Profile = FAST) -> None:
        base = lay_foundation(state, profile=profile)
        self.base = replace(base, docker=docker) if docker else base
        self.parts = all_parts(self.base)
        self.standin = Standin(self.base, self.parts)
        self.opened = no_port_443(self.parts)

    async def send(
        self,
        asked: Asked,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> tuple[int, str]:
        """Status, and the code in which it was refused. A hub that is not there for a moment is asked again."""
        for _ in range(3):
            answered = await self._send(asked, query=query or {}, headers=headers or {}, body=body)
            if answered[1] != "IotHubNotFound":
                break
        return answered

    async def text(self, asked: Asked, *, query: Mapping[str, str] | None = None, body: object = None) -> str:
        """Of an answer that is no refusal."""
        status, text, _ = await self.answered(asked, query=query or {}, body=body)
        assert status < 300, (str(asked), status, text)
        return text

    async def _send(
        self, asked: Asked, *, query: Mapping[str, str], headers: Mapping[str, str], body: object
    ) -> tuple[int, str]:
        status, text, answered = await self.answered(asked, query=query, headers=headers, body=body)
        return status, _code(text, answered)

    async def answered(
        self,
        asked: Asked,
        *,
        query: Mapping[str, str] = MappingProxyType({}),
        headers: Mapping[str, str] = MappingProxyType({}),
        body: object = None,
    ) -> tuple[int, str, Mapping[str, str]]:
        token = self.base.issuer.issue(asked.audience)
        said = {"host": asked.host, "authorization": f"Bearer {token}", **asked.headers, **headers}
        whole = {**asked.query, **query}
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            sent_body = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            return {"type": "http.request", "body": sent_body}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": asked.method,
            "path": asked.path,
            "raw_path": quote(asked.path, safe="/$").encode(),
            "query_string": urlencode(whole).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in said.items()],
            "client": ("127.0.0.1", 1),
        }
        await self.standin.application(scope, receive, send)
        text = b"".join(message.get("body", b"") for message in sent[1:]).decode(errors="replace")
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], text, answered

    # -- what there is to be asked

    async def prepare(self) -> None:
        """A hub, a vault and an account, on which the deployer may do everything, and one of each other type."""
        self.base.arm.save(_made(GROUP, GROUP_TYPE, {"location": "westeurope"}))
        for name, kind_name, body in _THINGS:
            path = f"{GROUP}/providers/{kind_name}/{name}"
            whole = Asked(method="PUT", host=ARM, path=path, audience=_of(ARM))
            version = {"api-version": newest_version(whole.path)}
            status, code = await self.send(whole, query=version, body={"location": "westeurope", **body})
            assert status in (200, 201), (kind_name, status, code)
        role = {"principalId": DEPLOYER_OBJECT_ID, "scope": f"/subscriptions/{SUBSCRIPTION_ID}"}
        for index, name in enumerate(_ROLES):
            document = {**role, "roleDefinitionId": name, "createdOn": "2020-01-01T00:00:00Z"}
            self.base.store.put(self.base.roles.KIND, f"/subscriptions/{SUBSCRIPTION_ID}/roles/{index}", document)
        for kind in self.standin.kinds:
            path = path_of(kind)
            if self.base.arm.get(path) is None:
                self.base.arm.save(_made(path, kind.type, _REMEMBERED))

    def everything(self) -> Iterator[Asked]:
        yield from self._routes()
        yield from self._hub()
        yield from self._blob()
        fixed = self.standin.arm_service.fixed
        for kind in self.standin.kinds:
            yield from (one for one in _of_kind(kind) if find_route(fixed, one.method, one.path) is None)

    def _routes(self) -> Iterator[Asked]:
        """Of services whose routes say what they obey; those that say it elsewhere are below."""
        for part in self.parts:
            if part.service is not None:
                for route in part.service.routes:
                    host = _host(part.service.hosts[0])
                    yield _asked(route.method, host, route.pattern, route.obeys)
            for route in part.control_routes:
                yield _asked(route.method, "127.0.0.1", route.pattern, route.obeys)
        for route in self.standin.arm_service.fixed:
            yield _asked(route.method, ARM, route.pattern, route.obeys)

    def _hub(self) -> Iterator[Asked]:
        for route in HUB_ROUTES:
            if route.permission is not None:
                yield _asked(route.method, "hub-x.azure-devices.net", route.pattern, route.obeys)

    def _blob(self) -> Iterator[Asked]:
        for one in operations(cast(Any, _Any()), cast(Any, _Any())):
            place = {"account": "/", "container": "/c", "blob": "/c/b"}[one.where]
            words = {name: value for name, value in (("comp", one.comp), ("restype", one.restype)) if value}
            copied = {"x-ms-copy-source": "https://stx.blob.core.windows.net/c/a"} if one.copies else {}
            host = "stx.blob.core.windows.net"
            said: dict[str, Any] = {"method": one.method, "obeys": one.obeys, "query": words, "headers": copied}
            yield Asked(host=host, path=place, audience=_of(host), **said)


class _Any:
    def __getattr__(self, name: str) -> Any:
        return name


def of_arm(method: str, path: str) -> Asked:
    return Asked(method=method, host=ARM, path=path, audience=_of(ARM), query={"api-version": newest_version(path)})


def _asked(method: str, host: str, pattern: str, obeys: Obeys) -> Asked:
    path = re.sub(r"\{scope:path\}|\{start:path\}", GROUP.strip("/"), pattern)
    path = path.replace("{subscription}", SUBSCRIPTION_ID).replace("{group}", "rg")
    path = re.sub(r"\{(\w+)(:path)?\}", lambda found: _NAMES.get(found[1], "x"), path)
    versions = {ARM: newest_version(path), "hub-x.azure-devices.net": "2021-04-12", "kv-x.vault.azure.net": "7.4"}
    version = {"api-version": versions[host]} if host in versions else {}
    return Asked(
        method=method,
        host=host,
        path=path,
        audience=_of(host),
        obeys=obeys,
        query=version,
        says_body=bool(obeys.fields),
    )


def _of_kind(kind: ResourceKind) -> Iterator[Asked]:
    path = path_of(kind)
    version = {"api-version": newest_version(path)}
    for method in ("GET", "PUT", "PATCH", "DELETE", "LIST"):
        if method == "DELETE" and not kind.deletable:
            continue
        yield Asked(
            method="GET" if method == "LIST" else method,
            host=ARM,
            path=path.rpartition("/")[0] if method == "LIST" else path,
            audience=_of(ARM),
            obeys=kind.options.get(method, Obeys()),
            query=version,
            says_body=method in ("PUT", "PATCH"),
        )
    for text in kind.actions:
        method, _, pattern = text.rpartition(" ")
        below = re.sub(r"\{\w+\}", "x", pattern)
        obeyed = kind.options.get(pattern, Obeys())
        yield Asked(
            method=method or "POST",
            host=ARM,
            path=f"{path}/{below}",
            audience=_of(ARM),
            obeys=obeyed,
            query=version,
            says_body=bool(obeyed.fields),
        )


def path_of(kind: ResourceKind) -> str:
    namespace, *types = kind.type.split("/")
    named = "".join(f"/{word}/{_OF_TYPE.get(word, 'x')}" for word in types)
    return f"{GROUP}/providers/{namespace}{named}" if kind.type != GROUP_TYPE else GROUP


def _host(name: str) -> str:
    return {".vault.azure.net": "kv-x.vault.azure.net", ".azure-devices.net": "hub-x.azure-devices.net"}.get(
        name, f"x{name}" if name.startswith(".") else name
    )


def _of(host: str) -> str:
    for end, audience in _AUDIENCES.items():
        if host.endswith(end):
            return audience
    return f"https://{host}"


def _made(path: str, kind: str, body: dict[str, Any]) -> Resource:
    now = "2026-01-01T00:00:00Z"
    private = {"customerId": "x", "version": "1"}
    name = path.rpartition("/")[2]
    return Resource(id=path, type=kind, name=name, body=body, private=private, created_at=now, changed_at=now)


def _code(text: str, headers: Mapping[str, str]) -> str:
    for name in ("x-ms-error-code", "iothub-errorcode"):
        if name in headers:
            return headers[name]
    try:
        said = json.loads(text)
    except ValueError:
        return text[:200]
    error = said.get("error") if isinstance(said, dict) else None
    return str(error.get("code")) if isinstance(error, dict) else text[:200]


_NAMES = {"namespace": "Microsoft.KeyVault", "vault": "kv-x", "location": "westeurope"}
_OF_TYPE = {"vaults": "kv-x", "IotHubs": "hub-x", "storageAccounts": "stx", "eventHubEndpoints": "events"}
_AUDIENCES = {".vault.azure.net": "https://vault.azure.net", ".azure-devices.net": "https://iothubs.azure.net",
              ".blob.core.windows.net": "https://storage.azure.com"}  # fmt: skip
_REMEMBERED: dict[str, Any] = {
    "location": "westeurope",
    "sku": {"name": "Basic"},
    "properties": {"containers": [], "value": "x", "sku": {}, "workspaceCapping": {}},
}
_THINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("hub-x", "Microsoft.Devices/IotHubs", {"sku": {"name": "S1", "capacity": 1}, "properties": {}}),
    (
        "kv-x",
        "Microsoft.KeyVault/vaults",
        {"properties": {"tenantId": "x", "sku": {"name": "standard"}}},
    ),
    ("stx", "Microsoft.Storage/storageAccounts", {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}),
)
_ROLES = (
    "4fc6c259-987e-4a07-842e-c321cc9d413f",  # IoT Hub Data Contributor
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",  # Storage Blob Data Contributor
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",  # Key Vault Administrator
)
