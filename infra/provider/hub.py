"""An IoT Hub's service side through `azure-iot-hub`, with patience around every call.

https://learn.microsoft.com/rest/api/iothub/service
Two traps of the SDK: a configuration's If-Match is sent unquoted, so etags are passed quoted already (its update is
reported to fail with 409 otherwise, azure-iot-hub-python #2); and its twin model drops `configurations`, so that twins
are read raw where the roll-out is asked for.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from infra.provider.azure import credential
from infra.provider.errors import ServiceError
from infra.provider.patience import missing, persist
from pluginbase.resource import Ctx, Gone

T = TypeVar("T")

_CONFLICTS = 5


@dataclass(frozen=True, slots=True)
class Device:
    device_id: str
    edge: bool
    primary_key: str
    generation_id: str
    tags: dict[str, Any]


class Hub:
    """Calls for one operation on one hub."""

    def __init__(self, ctx: Ctx, host: str) -> None:
        self._ctx = ctx
        self.host = host

    def device(self, device_id: str) -> Device:
        """Raises Gone where there is none."""
        identity = self._call(f"device {device_id!r}", lambda: _registry(self.host).get_device(device_id))
        twin = self._call(f"twin of {device_id!r}", lambda: _registry(self.host).get_twin(device_id))
        return _device(identity, dict(twin.tags or {}))

    def create_device(self, device_id: str, *, edge: bool) -> None:
        """With keys of our own making, so that an answer lost on its way does not lose them."""
        primary, secondary = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))

        def create() -> None:
            _registry(self.host).create_device_with_sas(device_id, primary, secondary, "enabled", iot_edge=edge)

        self._call(f"device {device_id!r}", create)

    def delete_device(self, device_id: str) -> None:
        self._call(f"device {device_id!r}", lambda: _registry(self.host).delete_device(device_id))

    def patch_tags(self, device_id: str, tags: Mapping[str, Any]) -> None:
        """Merges; None takes a tag away."""
        from azure.iot.hub.models import Twin  # type: ignore[import-untyped]

        self._call(
            f"tags of {device_id!r}", lambda: _registry(self.host).update_twin(device_id, Twin(tags=dict(tags)), "*")
        )

    def devices_where(self, condition: str) -> list[str]:
        from azure.iot.hub.models import QuerySpecification

        where = "capabilities.iotEdge = true" + (f" and {condition}" if condition not in ("", "*") else "")
        query = QuerySpecification(query=f"SELECT * FROM devices WHERE {where}")
        found: list[str] = []
        continuation: str | None = None
        while True:
            page = self._call(
                "query of the targeted devices",
                partial(_registry(self.host).query_iot_hub, query, continuation, 100),
            )
            found += [str(twin.device_id) for twin in page.items or ()]
            continuation = page.continuation_token
            if not continuation:
                return found

    def module_twin(self, device_id: str, module_id: str) -> dict[str, Any]:
        """The twin as the service wrote it, `configurations` included."""

        def get() -> dict[str, Any]:
            raw = _registry(self.host).protocol.modules.get_twin(device_id, module_id, raw=True)
            return dict(raw.response.json())

        return self._call(f"twin of {device_id!r}/{module_id!r}", get)

    def configuration(self, configuration_id: str) -> Any:
        what = f"deployment {configuration_id!r}"
        return self._call(what, lambda: _configurations(self.host).get_configuration(configuration_id))

    def configurations(self) -> list[Any]:
        return list(self._call("deployments", lambda: _configurations(self.host).get_configurations(100)) or ())

    def create_configuration(self, configuration: Any) -> Any:
        what = f"deployment {configuration.id!r}"
        return self._call(what, lambda: _configurations(self.host).create_configuration(configuration))

    def change_configuration(self, configuration_id: str, **changes: Any) -> None:
        """Sets attributes of the SDK's model; read again where somebody else was quicker, or an answer was lost."""
        what = f"deployment {configuration_id!r}"
        for attempt in range(_CONFLICTS):
            live = self.configuration(configuration_id)
            for name, value in changes.items():
                setattr(live, name, value)
            etag = f'"{str(live.etag).strip(chr(34))}"'
            try:
                self._call(what, partial(_configurations(self.host).update_configuration, live, etag))
                return
            except ServiceError as error:
                if error.status != 412 or attempt == _CONFLICTS - 1:
                    raise

    def delete_configuration(self, configuration_id: str) -> None:
        what = f"deployment {configuration_id!r}"
        self._call(what, lambda: _configurations(self.host).delete_configuration(configuration_id, '"*"'))

    def _call(self, what: str, action: Callable[[], T]) -> T:
        try:
            return persist(self._ctx, f"{what} in {self.host}", action)
        except ServiceError as error:
            if missing(error):
                raise Gone(str(error)) from error
            raise


def connection_string(host: str, device: Device) -> str:
    return f"HostName={host};DeviceId={device.device_id};SharedAccessKey={device.primary_key}"


def _device(identity: Any, tags: dict[str, Any]) -> Device:
    return Device(
        device_id=str(identity.device_id),
        edge=bool(identity.capabilities and identity.capabilities.iot_edge),
        primary_key=str(identity.authentication.symmetric_key.primary_key),
        generation_id=str(identity.generation_id),
        tags=tags,
    )


@cache
def _registry(host: str) -> Any:
    from azure.iot.hub import IoTHubRegistryManager  # type: ignore[import-untyped]

    return IoTHubRegistryManager.from_token_credential(host, credential())


@cache
def _configurations(host: str) -> Any:
    from azure.iot.hub import IoTHubConfigurationManager

    return IoTHubConfigurationManager.from_token_credential(host, credential())
