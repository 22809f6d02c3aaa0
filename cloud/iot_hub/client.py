"""An IoT Hub's service side: devices, twins, queries and automatic deployments, through `azure-iot-hub`.

https://learn.microsoft.com/rest/api/iothub/service
Two traps of the SDK: a configuration's If-Match is sent unquoted, so etags are passed quoted already (its update is
reported to fail with 409 otherwise, azure-iot-hub-python #2); and its twin model drops `configurations`, so that module
twins are read as the raw document.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import agent
from cloud.iot_hub.answers import asked
from cloud.operation import Operation
from cloud.retrying import DEFAULT_LIMITS, RetryLimits, with_retries
from cloud.sessions import once_per_process
from cloud.sign_in import credential
from cloud.there import HUB, Absence

T = TypeVar("T")

_CONFLICTS = 5
_PAGE = 100
_AGENT = "$edgeAgent"
_METHOD_SECONDS = 15
"""For the answer of a device to a direct method; a device that is not connected is told at once."""


@dataclass(frozen=True, slots=True)
class Device:
    device_id: str
    edge: bool
    primary_key: str
    """In base64; empty where the device signs in by certificate."""
    generation_id: str
    tags: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """An automatic deployment: what we set of it."""

    id: str
    modules_content: Mapping[str, Any]
    target_condition: str
    priority: int
    metrics: Mapping[str, str]
    """Name -> query."""
    labels: Mapping[str, str]


def fresh_key() -> str:
    """Of a device, in base64. Made here, not by the hub: an answer that is lost on its way then loses none."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


class IotHub:
    """Calls for one operation on one hub; each raises ServiceError, `is_missing` where there is no such thing.

    IotHub(ctx, "iot-1.azure-devices.net").device("edge-01").tags["site"]
    """

    def __init__(self, operation: Operation, host: str, limits: RetryLimits = DEFAULT_LIMITS) -> None:
        self._operation = operation
        self.host = host
        self._limits = limits
        self._absence = Absence(operation, HUB, host)

    def device(self, device_id: str) -> Device:
        identity = self.call(f"device {device_id!r}", lambda: registry(self.host).get_device(device_id))
        return _device(identity, self.twin_tags(device_id))

    def twin_tags(self, device_id: str) -> dict[str, Any]:
        twin = self.call(f"twin of {device_id!r}", lambda: registry(self.host).get_twin(device_id))
        return dict(twin.tags or {})

    def create_device(self, device_id: str, *, edge: bool) -> None:
        """With keys of our own making, so that an answer lost on its way does not lose them."""
        primary, secondary = fresh_key(), fresh_key()

        def create() -> None:
            registry(self.host).create_device_with_sas(device_id, primary, secondary, "enabled", iot_edge=edge)

        self.call(f"device {device_id!r}", create)

    def delete_device(self, device_id: str) -> None:
        self.call(f"device {device_id!r}", lambda: registry(self.host).delete_device(device_id))

    def patch_tags(self, device_id: str, tags: Mapping[str, Any]) -> None:
        """Merges; None takes a tag away."""
        from azure.iot.hub.models import Twin  # type: ignore[import-untyped]

        self.call(
            f"tags of {device_id!r}", lambda: registry(self.host).update_twin(device_id, Twin(tags=dict(tags)), "*")
        )

    def edge_devices_where(self, condition: str) -> list[str]:
        """Ids of the edge devices that a deployment's target condition means; `*` and "" mean all of them."""
        from azure.iot.hub.models import QuerySpecification

        where = "capabilities.iotEdge = true" + (f" and {condition}" if condition not in ("", "*") else "")
        query = QuerySpecification(query=f"SELECT * FROM devices WHERE {where}")
        device_ids: list[str] = []
        continuation: str | None = None
        while True:
            page = self.call(
                "query of the targeted devices",
                partial(registry(self.host).query_iot_hub, query, continuation, _PAGE),
            )
            device_ids += [str(twin.device_id) for twin in page.items or ()]
            continuation = page.continuation_token
            if not continuation:
                return device_ids

    def module_twin(self, device_id: str, module_id: str) -> dict[str, Any]:
        """The document as the service wrote it, `configurations` included."""

        def get() -> dict[str, Any]:
            raw = registry(self.host).protocol.modules.get_twin(device_id, module_id, raw=True)
            return dict(raw.response.json())

        return self.call(f"twin of {device_id!r}/{module_id!r}", get)

    def agent_answers(self, device_id: str) -> bool:
        """Whether the device's agent is there now: the hub's `connectionState` may be minutes old.

        https://learn.microsoft.com/azure/iot-edge/how-to-edgeagent-direct-method#ping
        """
        try:
            self.ping_agent(device_id)
        except agent.AgentRefused:
            return True
        except ServiceError as error:
            if is_missing(error) or error.status == 504:
                return False
            raise
        return True

    def agent_connected_since(self, device_id: str) -> datetime | None:
        """None where the hub says that the agent is not connected, which it may say minutes late."""
        what = f"agent of {device_id!r}"
        module = self.call(what, lambda: registry(self.host).get_module(device_id, _AGENT))
        return module.connection_state_updated_time if module.connection_state == "Connected" else None

    def ping_agent(self, device_id: str) -> None:
        self._agent_method(device_id, "ping", {})

    def module_logs(self, device_id: str, module: str, *, tail: int, since: str | None = None) -> str:
        """The last `tail` lines of a module's log, as the device's agent gives them: they may hold anything. `since`
        is how old they may be: `90s`, `15m`, `6h`, `1d`."""
        answer = self._agent_method(device_id, "GetModuleLogs", agent.logs_request(module, tail, since))
        return agent.log_of(answer, f"GetModuleLogs of {device_id!r}", module)

    def restart_module(self, device_id: str, module: str) -> None:
        """Through the agent, which does not tell an unknown module from any other failure (500)."""
        self._agent_method(device_id, "RestartModule", agent.restart_request(module))

    def _agent_method(self, device_id: str, name: str, payload: Mapping[str, Any]) -> Any:
        """The payload of the agent's answer; one that is not 200 is raised, with its status."""
        from azure.iot.hub.models import CloudToDeviceMethod

        method = CloudToDeviceMethod(
            method_name=name, payload=dict(payload), response_timeout_in_seconds=_METHOD_SECONDS
        )
        call = partial(registry(self.host).invoke_device_module_method, device_id, _AGENT, method)
        what = f"{name} of {device_id!r}"
        result = self.call(what, call)
        return agent.answered(what, int(result.status or 0), result.payload)

    def configuration(self, configuration_id: str) -> Configuration:
        return _configuration(self._live_configuration(configuration_id))

    def configurations(self) -> list[Configuration]:
        """At most 100, which is what a hub can have."""
        listed = self.call("deployments", lambda: _configurations(self.host).get_configurations(_PAGE))
        return [_configuration(live) for live in listed or ()]

    def create_configuration(self, configuration: Configuration) -> None:
        document = _document(configuration)
        what = f"deployment {configuration.id!r}"
        self.call(what, lambda: _configurations(self.host).create_configuration(document))

    def change_configuration(
        self,
        configuration_id: str,
        *,
        priority: int | None = None,
        target_condition: str | None = None,
        labels: Mapping[str, str] | None = None,
        metrics: Mapping[str, str] | None = None,
    ) -> None:
        """What is None stays. Read again where somebody else was quicker, or an answer was lost."""
        given = {
            "priority": priority,
            "target_condition": target_condition,
            "labels": None if labels is None else dict(labels),
            "metrics": None if metrics is None else _metrics(metrics),
        }
        changes = {name: value for name, value in given.items() if value is not None}
        what = f"deployment {configuration_id!r}"
        for attempt in range(_CONFLICTS):
            live = self._live_configuration(configuration_id)
            for name, value in changes.items():
                setattr(live, name, value)
            etag = f'"{str(live.etag).strip(chr(34))}"'
            try:
                self.call(what, partial(_configurations(self.host).update_configuration, live, etag))
                return
            except ServiceError as error:
                if error.status != 412 or attempt == _CONFLICTS - 1:
                    raise

    def delete_configuration(self, configuration_id: str) -> None:
        what = f"deployment {configuration_id!r}"
        self.call(what, lambda: _configurations(self.host).delete_configuration(configuration_id, '"*"'))

    def _live_configuration(self, configuration_id: str) -> Any:
        """The SDK's own model, with what of it we do not know: an update puts back the whole."""
        what = f"deployment {configuration_id!r}"
        return self.call(what, lambda: _configurations(self.host).get_configuration(configuration_id))

    def call(self, what: str, action: Callable[[], T]) -> T:
        what = f"{what} in {self.host}"
        return with_retries(
            self._operation, what, lambda: asked(self._operation, what, action), self._limits, self._absence.of
        )


def _device(identity: Any, tags: dict[str, Any]) -> Device:
    symmetric_key = identity.authentication and identity.authentication.symmetric_key
    return Device(
        device_id=str(identity.device_id),
        edge=bool(identity.capabilities and identity.capabilities.iot_edge),
        primary_key=str((symmetric_key and symmetric_key.primary_key) or ""),
        generation_id=str(identity.generation_id),
        tags=tags,
    )


def _configuration(live: Any) -> Configuration:
    return Configuration(
        id=str(live.id),
        modules_content=(live.content and live.content.modules_content) or {},
        target_condition=live.target_condition or "",
        priority=int(live.priority or 0),
        metrics=dict((live.metrics and live.metrics.queries) or {}),
        labels=dict(live.labels or {}),
    )


def _document(configuration: Configuration) -> Any:
    from azure.iot.hub import models  # type: ignore[import-untyped]

    return models.Configuration(
        id=configuration.id,
        schema_version="2.0",
        labels=dict(configuration.labels),
        content=models.ConfigurationContent(modules_content=configuration.modules_content),
        target_condition=configuration.target_condition,
        priority=configuration.priority,
        metrics=_metrics(configuration.metrics),
    )


def _metrics(queries: Mapping[str, str]) -> Any:
    from azure.iot.hub.models import ConfigurationMetrics

    return ConfigurationMetrics(queries=dict(queries))


@once_per_process
def registry(host: str) -> Any:
    from azure.iot.hub import IoTHubRegistryManager

    return IoTHubRegistryManager.from_token_credential(host, credential())


@once_per_process
def _configurations(host: str) -> Any:
    from azure.iot.hub import IoTHubConfigurationManager

    return IoTHubConfigurationManager.from_token_credential(host, credential())
