"""IoT Hub in Azure Resource Manager.

https://learn.microsoft.com/rest/api/iothub/iot-hub-resource
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from standin.core.arm.kinds import ActionHandler, Resource, ResourceKind
from standin.core.arm.manager import Arm
from standin.core.clock import Clock, iso
from standin.core.errors import BadRequest, Conflict, NotFound, ServiceError
from standin.core.http import Request, Response, json_response
from standin.core.profile import Profile
from standin.iothub.built import BUILT, KEEPS, check_built
from standin.iothub.hubs import Hubs
from standin.iothub.kernel.hub_record import HubRecord, PolicyKeys, new_policies

HUB_TYPE = "Microsoft.Devices/IotHubs"
GROUP_TYPE = "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups"

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{1,48})[A-Za-z0-9]")
_GROUP_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9])?")
_DEFAULT_GROUP = "$Default"
_TIERS = {"F1": "Free", "S1": "Standard", "S2": "Standard", "S3": "Standard"}
_RIGHTS = {
    "iothubowner": "RegistryWrite, ServiceConnect, DeviceConnect",
    "service": "ServiceConnect",
    "device": "DeviceConnect",
    "registryRead": "RegistryRead",
    "registryReadWrite": "RegistryWrite",
}
_NO_ROUTING: Mapping[str, Any] = {
    "endpoints": {"serviceBusQueues": [], "serviceBusTopics": [], "eventHubs": [], "storageContainers": []}
    | {"cosmosDBSqlContainers": []},
    "routes": [],
}
_FALLBACK: Mapping[str, Any] = {
    "name": "$fallback",
    "source": "DeviceMessages",
    "condition": "true",
    "endpointNames": ["events"],
}


_RESIDENT = ("brazilsouth", "southeastasia")


class IotHubKind(ResourceKind):
    type: ClassVar[str] = HUB_TYPE
    create_only: ClassVar[tuple[str, ...]] = (
        "properties.eventHubEndpoints.events.partitionCount",
        "properties.minTlsVersion",
        "properties.enableDataResidency",
    )
    keeps: ClassVar[tuple[str, ...] | None] = KEEPS
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = BUILT
    # keys are only ever answered by listkeys
    write_only: ClassVar[tuple[str, ...]] = ("properties.authorizationPolicies",)
    delete_operation: ClassVar[Literal["none", "async", "location"]] = "async"
    updated_status: ClassVar[int] = 201
    system_data: ClassVar[bool] = False

    def __init__(self, hubs: Hubs, arm: Arm, clock: Clock, profile: Profile) -> None:
        self._hubs = hubs
        self._arm = arm
        self._clock = clock
        self._keys_anew = profile.hub_keys_anew
        self.actions: Mapping[str, ActionHandler] = {
            "POST listkeys": self._list_keys,
            "POST IotHubKeys/{key}/listkeys": self._key,
        }

    async def check(self, new: Resource, old: Resource | None) -> None:
        if _NAME.fullmatch(new.name) is None:
            allowed = "3 to 50 letters, digits and hyphens, none at either end"
            raise BadRequest(f"The IoT hub name '{new.name}' is not valid, allowed are {allowed}.", code="400002")
        other = self._hubs.named(new.name)
        ours = other is not None and other.record.resource_id.lower() == new.key
        if old is None and not ours and self._hubs.has_name(new.name):
            raise Conflict(f"The IoT hub name '{new.name}' is not available.", code="409003")
        _check_sku(new, old)
        check_built(new)
        _check_values(new)
        _events(new)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        hub = self._hubs.named(resource.name)
        # an update that leaves the fallback route out turns it off; a creation turns it on
        routing = resource.properties.setdefault("routing", {})
        routing.setdefault("fallbackRoute", {**_FALLBACK, "isEnabled": old is None})
        record = _record(resource, hub.record if hub is not None else None, iso(self._clock.now()))
        # a PATCH, and a PUT of what was read, have the host name with them
        if self._keys_anew and hub is not None and "hostName" not in resource.properties:
            record = replace(record, policies=new_policies())
        self._hubs.put(record)
        _compute(resource, record)
        self._ensure_default_group(resource)

    def _ensure_default_group(self, hub: Resource) -> None:
        """Every hub has it, and lists show it."""
        id_ = f"{hub.id}/eventHubEndpoints/events/ConsumerGroups/{_DEFAULT_GROUP}"
        if self._arm.get(id_) is None:
            now = iso(self._clock.now())
            body = {"properties": {"name": _DEFAULT_GROUP, "created": now}}
            group = Resource(id=id_, type=GROUP_TYPE, name=_DEFAULT_GROUP, body=body, created_at=now, changed_at=now)
            self._arm.save(group)

    async def remove(self, resource: Resource) -> None:
        hub = self._hubs.named(resource.name)
        if hub is not None and hub.record.resource_id.lower() == resource.key:
            await self._hubs.remove(resource.name)

    def etag(self, resource: Resource) -> str:
        return base64.b64encode(resource.generation.to_bytes(8, "big")).decode()

    def view(self, resource: Resource) -> dict[str, Any]:
        routing = {**_NO_ROUTING, **(resource.properties.get("routing") or {})}
        return {
            "identity": {"type": "None"},
            "subscriptionid": resource.parts.subscription,
            "resourcegroup": resource.group,
            **resource.body,
            "etag": self.etag(resource),
            "systemData": {"createdAt": resource.created_at},
            "properties": {"ipFilterRules": [], "allowedFqdnList": [], **resource.properties, "routing": routing},
        }

    def _policies(self, resource: Resource) -> dict[str, PolicyKeys]:
        hub = self._hubs.named(resource.name)
        if hub is None:
            raise NotFound(f"The IoT hub '{resource.name}' is not active yet.", code="404001")
        return hub.record.policies

    async def _list_keys(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        return json_response({"value": [_shown(name, keys) for name, keys in self._policies(resource).items()]})

    async def _key(self, resource: Resource, request: Request, parameters: Mapping[str, str]) -> Response:
        for name, keys in self._policies(resource).items():
            if name.lower() == parameters["key"].lower():
                return json_response(_shown(name, keys))
        message = f"The shared access policy '{parameters['key']}' does not exist on IoT hub '{resource.name}'."
        raise NotFound(message, code="404005")

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return BadRequest(
            f"The property '{path}' of IoT hub '{resource.name}' cannot be changed from {old!r} to {new!r}: "
            "it is set when the hub is created.",
            code="400302",
        )


def _check_sku(new: Resource, old: Resource | None) -> None:
    sku = new.body.get("sku") or {}
    name, capacity = sku.get("name"), sku.get("capacity", 1)
    if name not in _TIERS:
        message = f"sku.name is {name!r}, allowed are {', '.join(_TIERS)} (basic tiers have no edge devices)."
        raise BadRequest(message, code="400004")
    if not isinstance(capacity, int) or capacity < 1 or (name == "F1" and capacity != 1):
        raise BadRequest(f"sku.capacity is {capacity!r}, allowed are whole numbers from 1 on (F1: 1).", code="400004")
    before = (old.body.get("sku") or {}).get("name") if old is not None else None
    if before is not None and (before == "F1") != (name == "F1"):
        message = f"The sku of IoT hub '{new.name}' cannot be changed from {before} to {name}: replace the hub."
        raise BadRequest(message, code="400305")
    new.body["sku"] = {"name": name, "tier": _TIERS[name], "capacity": capacity}


def _check_values(new: Resource) -> None:
    tls = new.properties.get("minTlsVersion")
    if tls not in (None, "1.0", "1.2"):
        raise BadRequest(f"{tls} is not a valid MinTlsVersion value.", code="400089")
    if new.properties.get("enableDataResidency") and new.location not in _RESIDENT:
        features = f"Requested IoT Hub features '\"DataResidency\"' not available in '{new.location}' region."
        raise BadRequest(features, code="400059")


def _events(new: Resource) -> dict[str, Any]:
    """The built-in endpoint's settings, with Azure's defaults filled in."""
    free = new.body["sku"]["name"] == "F1"
    endpoints: dict[str, Any] = new.properties.setdefault("eventHubEndpoints", {})
    events: dict[str, Any] = endpoints.setdefault("events", {})
    partitions = events.setdefault("partitionCount", 2 if free else 4)
    days = events.setdefault("retentionTimeInDays", 1)
    most, longest = (2, 1) if free else (32, 7)
    if not isinstance(partitions, int) or not 2 <= partitions <= most:
        raise BadRequest(f"partitionCount is {partitions!r}, allowed are 2 to {most}.", code="400004")
    if not isinstance(days, int) or not 1 <= days <= longest:
        raise BadRequest(f"retentionTimeInDays is {days!r}, allowed are 1 to {longest}.", code="400004")
    return events


def _record(resource: Resource, old: HubRecord | None, now: str) -> HubRecord:
    events = resource.properties["eventHubEndpoints"]["events"]
    settings = {
        "retention_days": events["retentionTimeInDays"],
        "configurations_limit": 10 if resource.body["sku"]["name"] == "F1" else 100,
        "local_auth": resource.properties.get("disableLocalAuth") is not True,
        "device_sas": resource.properties.get("disableDeviceSAS") is not True,
        "module_sas": resource.properties.get("disableModuleSAS") is not True,
        "fallback": resource.properties["routing"]["fallbackRoute"].get("isEnabled") is not False,
    }
    if old is not None:
        return replace(old, **settings)
    digest = int(hashlib.sha256(resource.key.encode()).hexdigest(), 16)
    name = resource.name.lower()
    return HubRecord(
        name=resource.name,
        resource_id=resource.id,
        host=f"{resource.name}.azure-devices.net",
        namespace=f"iothub-ns-{name[:20].strip('-')}-{digest % 10**10:010d}.servicebus.windows.net",
        partitions=events["partitionCount"],
        created=now,
        policies=new_policies(),
        **settings,
    )


def _compute(resource: Resource, record: HubRecord) -> None:
    events = resource.properties["eventHubEndpoints"]["events"]
    events["partitionIds"] = [str(number) for number in range(record.partitions)]
    events["path"] = record.name.lower()
    events["endpoint"] = f"sb://{record.namespace}/"
    resource.properties["hostName"] = record.host
    resource.properties["state"] = "Active"
    resource.properties.setdefault("features", "None")
    resource.properties["locations"] = [{"location": resource.location, "role": "primary"}]


def _shown(name: str, keys: PolicyKeys) -> dict[str, str]:
    shown = {"keyName": name, "primaryKey": keys.primary, "secondaryKey": keys.secondary}
    return {**shown, "rights": _RIGHTS[name]}


class ConsumerGroupKind(ResourceKind):
    type: ClassVar[str] = GROUP_TYPE
    tracked: ClassVar[bool] = False
    # the endpoint `events` comes with the hub and is no resource
    implied_parent: ClassVar[bool] = True
    operation: ClassVar[Literal["none", "async", "location"]] = "none"
    delete_operation: ClassVar[Literal["none", "async", "location"]] = "none"
    created_status: ClassVar[int] = 200
    provisioning_state: ClassVar[bool] = False

    def __init__(self, hubs: Hubs) -> None:
        self._hubs = hubs

    async def check(self, new: Resource, old: Resource | None) -> None:
        _, hub, _, endpoint, _, name = new.id.rsplit("/", 5)
        if endpoint.lower() != "events":
            raise NotFound(
                f"The endpoint '{endpoint}' does not exist on IoT hub '{hub}', there is: events.", code="404001"
            )
        if name != _DEFAULT_GROUP and _GROUP_NAME.fullmatch(name) is None:
            allowed = "1 to 50 letters, digits and . _ -, with a letter or digit at either end"
            raise BadRequest(f"The consumer group name '{name}' is not valid, allowed are {allowed}.", code="400004")
        in_body = new.properties.get("name")
        if in_body not in (None, name):
            raise BadRequest(f"properties.name is {in_body!r} and the address says {name!r}.", code="400004")

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.properties["name"] = resource.name
        resource.properties["created"] = resource.created_at
        self._write(resource, present=True)

    async def remove(self, resource: Resource) -> None:
        self._write(resource, present=False)

    def _write(self, resource: Resource, *, present: bool) -> None:
        hub = self._hubs.named(resource.id.rsplit("/", 5)[1])
        if hub is not None:
            others = [name for name in hub.record.groups if name.lower() != resource.name.lower()]
            self._hubs.put(replace(hub.record, groups=[*others, resource.name] if present else others))
