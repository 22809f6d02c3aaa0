"""An IoT Hub in memory, as far as the edge runtime sees one."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from standin.edgeruntime.hub.domain.identities.tokens import sign
from standin.edgeruntime.hub.domain.twins import merge
from standin.edgeruntime.iothub_port import EDGE_AGENT_MODULE, EDGE_HUB_MODULE
from standin.iothub.events.message import D2CMessage
from standin.iothub.registry.identity import Identity


@dataclass
class FakeTwin:
    desired: dict[str, Any] = field(default_factory=lambda: {"$version": 1})
    reported: dict[str, Any] = field(default_factory=lambda: {"$version": 1})
    tags: dict[str, Any] = field(default_factory=dict)


class FakeInvocation:
    def __init__(self, name: str, payload: Any, response_timeout_s: int = 60, connect_timeout_s: int = 0) -> None:
        self.name = name
        self.payload = payload
        self.response_timeout_s = response_timeout_s
        self.connect_timeout_s = connect_timeout_s
        self.answer: asyncio.Future[tuple[int, Any]] = asyncio.get_running_loop().create_future()

    def respond(self, status: int, payload: Any) -> None:
        self.answer.set_result((status, payload))

    def fail(self, reason: str) -> None:
        self.answer.set_exception(MethodFailed(reason))


class MethodFailed(Exception):
    """Its text is `offline` or `timeout`."""


class FakeSubscription:
    def __init__(self, owner: list[FakeSubscription]) -> None:
        self.events: asyncio.Queue[Any] = asyncio.Queue()
        self._owner = owner

    async def get(self) -> Any:
        return await self.events.get()

    def close(self) -> None:
        self._owner.remove(self)


class FakeHub:
    def __init__(self, host: str = "fake-hub.azure-devices.net") -> None:
        self.host = host
        self.identities: dict[tuple[str, str | None], Identity] = {}
        self.twins: dict[tuple[str, str | None], FakeTwin] = {}
        self.messages: list[tuple[str, str | None, D2CMessage]] = []
        self.online: dict[tuple[str, str | None], bool] = {}
        self.on_edge_change: Callable[[Any, str], None] = lambda hub, device: None
        self._subscriptions: dict[str, list[FakeSubscription]] = {}

    # -- what tests do

    def add_device(self, device: str, *modules: str) -> None:
        self._create(device, None)
        for module in (EDGE_AGENT_MODULE, EDGE_HUB_MODULE, *modules):
            self._create(device, module)
        self.on_edge_change(self, device)

    def remove_device(self, device: str) -> None:
        for key in [key for key in self.identities if key[0] == device]:
            del self.identities[key]
            self.twins.pop(key, None)
        self._publish(device, ("identity",))
        self.on_edge_change(self, device)

    def desire(self, device: str, module: str, desired: dict[str, Any]) -> None:
        twin = self.twins[device, module]
        twin.desired = {**desired, "$version": twin.desired["$version"] + 1}
        self._publish(device, ("desired", module, twin))

    def regenerate(self, device: str, module: str) -> None:
        self.identities[device, module] = replace(self.identities[device, module], primary_key=_key())
        self._publish(device, ("identity",))

    def invoke(self, device: str, module: str | None, name: str, payload: Any, **times: int) -> FakeInvocation:
        invocation = FakeInvocation(name, payload, **times)
        self._publish(device, ("method", module, invocation))
        return invocation

    def bodies(self) -> list[bytes]:
        return [message.body for _, _, message in self.messages]

    # -- what the edge runtime asks

    def modules(self, device: str) -> list[Identity]:
        return [one for (owner, module), one in self.identities.items() if owner == device and module]

    def identity(self, device: str, module: str | None = None) -> Identity | None:
        return self.identities.get((device, module))

    def ensure_module(self, device: str, module: str, managed_by: str | None) -> Identity:
        if (device, module) not in self.identities:
            self._create(device, module, managed_by)
            self._publish(device, ("identity",))
        return self.identities[device, module]

    def remove_module(self, device: str, module: str) -> None:
        if self.identities.pop((device, module), None):
            del self.twins[device, module]
            self._publish(device, ("identity",))

    def twin(self, device: str, module: str | None = None) -> FakeTwin:
        return self.twins[device, module]

    def report(self, device: str, module: str | None, patch: dict[str, Any]) -> int:
        twin = self.twins[device, module]
        version: int = twin.reported["$version"] + 1
        twin.reported = merge.apply(twin.reported, patch) | {"$version": version}
        return version

    def append(self, device: str, module: str | None, messages: Sequence[D2CMessage]) -> None:
        self.messages += [(device, module, message) for message in messages]

    def connection(self, device: str, module: str | None, connected: bool) -> None:
        self.online[device, module] = connected

    def subscribe(self, device: str) -> FakeSubscription:
        owner = self._subscriptions.setdefault(device, [])
        owner.append(FakeSubscription(owner))
        return owner[-1]

    def check_token(self, resource: str, token: str) -> bool:
        fields = dict(part.split("=", 1) for part in token.removeprefix("SharedAccessSignature ").split("&"))
        device, module = resource.split("/")[2], (*resource.split("/"), None, None)[4]
        identity = self.identities.get((device, module))
        signature = sign(identity.primary_key, f"{fields['sr']}\n{fields['se']}".encode()) if identity else ""
        return signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D") == fields["sig"]

    def _create(self, device: str, module: str | None, managed_by: str | None = None) -> None:
        self.identities[device, module] = Identity(
            device=device,
            module=module,
            generation_id=str(secrets.randbelow(10**17)),
            etag="MQ==",
            primary_key=_key(),
            secondary_key=_key(),
            edge=module is None,
            managed_by=managed_by,
        )
        self.twins[device, module] = FakeTwin()

    def _publish(self, device: str, event: Any) -> None:
        for subscription in self._subscriptions.get(device, []):
            subscription.events.put_nowait(event)


class FakeHubs:
    def __init__(self, *hubs: FakeHub) -> None:
        self.hubs = list(hubs)

    def get(self, host_name: str) -> FakeHub | None:
        return next((hub for hub in self.hubs if hub.host == host_name), None)

    def on_edge_device(self, callback: Callable[[Any, str], None]) -> None:
        for hub in self.hubs:
            hub.on_edge_change = callback
            for device, module in list(hub.identities):
                if module is None:
                    callback(hub, device)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
