"""`mledge:iothub:DeviceIdentity`: a device of an IoT Hub, its keys as secrets, its tags as inputs.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry
"""

from __future__ import annotations

from typing import Any

from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import Device, IotHub, connection_string
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Checks, with_defaults
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource

_ID = r"[A-Za-z0-9\-.+%_#*?!(),:=@;$']{1,128}"
_ID_ALLOWED = "1 to 128 letters, digits and - . + % _ # * ? ! ( ) , : = @ $ ' are allowed"
_TAG = r"[^.$\s\x00-\x1f]{1,128}"


class DeviceIdentity(Resource):
    token = "mledge:iothub:DeviceIdentity"  # noqa: S105 - a resource type
    secret_outputs = frozenset({"primaryKey", "connectionString"})
    replace_on = frozenset({"hubHost", "deviceId", "edge"})
    delete_before_replace = True
    stable_outputs = ("primaryKey", "connectionString", "generationId")

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        import re

        news = with_defaults(news, edge=True, tags={})
        checks = Checks(news)
        checks.only(("hubHost", "deviceId", "edge", "tags"))
        checks.text("deviceId", _ID, _ID_ALLOWED)
        checks.text("hubHost", r"[A-Za-z0-9.-]+", "a host name is wanted")
        for name in checks.mapping("tags"):
            if not re.fullmatch(_TAG, name):
                checks.fail(
                    f"tags.{name}", "the name is refused; . $ white space and control characters are not allowed"
                )
        return news, checks.failures

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        hub, device_id = IotHub(ctx, inputs["hubHost"]), inputs["deviceId"]
        try:
            hub.create_device(device_id, edge=inputs["edge"])
        except ServiceError as error:
            if error.status != 409:
                raise
            self._adopt(hub, inputs)
        if inputs["tags"]:
            hub.patch_tags(device_id, inputs["tags"])
        return f"{inputs['hubHost']}/{device_id}", self._outputs(hub, inputs)

    def _adopt(self, hub: IotHub, inputs: Properties) -> None:
        """A run that died may have left the identity half made; one with other tags is somebody else's."""
        device = hub.device(inputs["deviceId"])
        if device.edge == inputs["edge"] and device.tags in ({}, inputs["tags"]):
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
        hub = IotHub(ctx, news["hubHost"])
        present: dict[str, Any] = hub.device(news["deviceId"]).tags
        hub.patch_tags(news["deviceId"], {**dict.fromkeys(present.keys() - news["tags"].keys()), **news["tags"]})
        return self._outputs(hub, news)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        host, _, device_id = id.partition("/")
        with gone_if_missing():
            IotHub(ctx, host).delete_device(device_id)

    def _outputs(self, hub: IotHub, inputs: Properties) -> Properties:
        try:
            device = hub.device(inputs["deviceId"])
        except ServiceError as error:
            if is_missing(error):
                raise ProviderError(f"{error}: it vanished while it was being set up") from error
            raise
        return {**inputs, **_outputs(hub.host, device)}


def _outputs(host: str, device: Device) -> Properties:
    return {
        "primaryKey": device.primary_key,
        "connectionString": connection_string(host, device),
        "generationId": device.generation_id,
    }
