"""`mledge:iothub:DeviceIdentity`: a device of an IoT Hub, its keys as secrets, its tags as inputs.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import field

from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import Device, IotHub, connection_string
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, text
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource

_DeviceId = Annotated[
    str,
    text(
        r"[A-Za-z0-9\-.+%_#*?!(),:=@;$']{1,128}",
        "1 to 128 letters, digits and - . + % _ # * ? ! ( ) , : = @ $ ' are allowed",
    ),
]
_TagName = Annotated[str, text(r"[^.$\s\x00-\x1f]{1,128}", ". $ white space and control characters are not allowed")]


class DeviceIdentityInputs(Inputs, frozen=True):
    hub_host: Annotated[str, text("[A-Za-z0-9.-]+", "a host name is wanted")]
    device_id: _DeviceId
    edge: bool = True
    tags: dict[_TagName, Any] = field(default_factory=dict)


class DeviceIdentity(Resource):
    token = "mledge:iothub:DeviceIdentity"  # noqa: S105 - a resource type
    secret_outputs = frozenset({"primaryKey", "connectionString"})
    replace_on = frozenset({"hubHost", "deviceId", "edge"})
    delete_before_replace = True
    stable_outputs = ("primaryKey", "connectionString", "generationId")

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return DeviceIdentityInputs.check(news)

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = DeviceIdentityInputs.of(inputs)
        hub = IotHub(ctx, given.hub_host)
        try:
            hub.create_device(given.device_id, edge=given.edge)
        except ServiceError as error:
            if error.status != 409:
                raise
            self._adopt(hub, given)
        if given.tags:
            hub.patch_tags(given.device_id, given.tags)
        return f"{hub.host}/{given.device_id}", {**inputs, **self._made(hub, given.device_id)}

    def _adopt(self, hub: IotHub, given: DeviceIdentityInputs) -> None:
        """A run that died may have left the identity half made; one with other tags is somebody else's."""
        device = hub.device(given.device_id)
        if device.edge == given.edge and device.tags in ({}, given.tags):
            return
        raise ProviderError(
            f"the device {device.device_id!r} exists already in {hub.host} with edge={device.edge} and tags "
            f"{device.tags!r}: delete it, or take it over with `pulumi import {self.token} <name> "
            f"{hub.host}/{device.device_id}`"
        )

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        host, _, device_id = id.partition("/")
        if not device_id:
            raise ProviderError(f"{id!r} is no id of a device; <hub host>/<device id> is wanted")
        hub = IotHub(ctx, host)
        with gone_if_missing():
            device = hub.device(device_id)
        live = {"hubHost": host, "deviceId": device_id, "edge": device.edge, "tags": device.tags}
        return id, live, {**live, **_outputs(host, device)}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        given = DeviceIdentityInputs.of(news)
        hub = IotHub(ctx, given.hub_host)
        removed = hub.device(given.device_id).tags.keys() - given.tags.keys()
        hub.patch_tags(given.device_id, {**dict.fromkeys(removed), **given.tags})
        return {**news, **self._made(hub, given.device_id)}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        host, _, device_id = id.partition("/")
        with gone_if_missing():
            IotHub(ctx, host).delete_device(device_id)

    def _made(self, hub: IotHub, device_id: str) -> Properties:
        try:
            return _outputs(hub.host, hub.device(device_id))
        except ServiceError as error:
            if is_missing(error):
                raise ProviderError(f"{error}: it vanished while it was being set up") from error
            raise


def _outputs(host: str, device: Device) -> Properties:
    return {
        "primaryKey": device.primary_key,
        "connectionString": connection_string(host, device),
        "generationId": device.generation_id,
    }
