"""`mledge:iothub:DeviceIdentity`: a device of an IoT Hub, its tags as inputs, its key in a vault where asked for.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry
No key is an output: whoever needs one asks the hub, which has the one that counts now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import field

from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import Device, IotHub, device_keys
from cloud.retrying import DEFAULT_LIMITS
from infra.provider import marks
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, text
from infra.provider.services.device_secret import DeviceSecret
from infra.provider.undisturbed import AT_ONCE
from pluginbase.diff import Change
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource

_MARK = "edgewayMark"
_DeviceId = Annotated[
    str,
    text(
        r"(?!\.{1,2}$)[A-Za-z0-9\-.+%_#*?!(),:=@;$']{1,128}",
        "1 to 128 letters, digits and - . + % _ # * ? ! ( ) , : = @ ; $ ' are allowed, but not . or .. alone",
    ),
]
_TagName = Annotated[str, text(r"[^.$\s\x00-\x1f]{1,128}", ". $ white space and control characters are not allowed")]


class KeySecret(Inputs, frozen=True):
    """Where a machine fetches the device's key."""

    vault: Annotated[str, text("[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]", "the name of a vault is wanted")]
    name: Annotated[str, text("[A-Za-z0-9-]{1,127}", "1 to 127 letters, digits and - are allowed")]


class DeviceIdentityInputs(Inputs, frozen=True):
    hub_host: Annotated[str, text("[A-Za-z0-9.-]+", "a host name is wanted")]
    device_id: _DeviceId
    edge: bool = True
    tags: dict[_TagName, Any] = field(default_factory=dict)
    key_secret: KeySecret | None = None


class DeviceIdentity(Resource):
    token = "mledge:iothub:DeviceIdentity"  # noqa: S105 - a resource type
    replace_on = frozenset({"hubHost", "deviceId", "edge"})
    delete_before_replace = True
    diff_asks_service = True
    stable_outputs = ("generationId",)

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return DeviceIdentityInputs.check(news)

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """Another row may have taken the device over and not have come into the state, or be about to be deleted."""
        found = super().diff(ctx, id, olds, news, state)
        if found or (why := _wrong(ctx, id, DeviceIdentityInputs.of(news), state)) is None:
            return found
        ctx.log(f"{id} {why}; `up` puts that right", "warning")
        return [Change((marks.OUTPUT,), "update")]

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = DeviceIdentityInputs.of(inputs)
        hub = IotHub(ctx, given.hub_host)
        try:
            hub.create_device(given.device_id, edge=given.edge)
        except ServiceError as error:
            if error.status != 409:
                raise
            self._adopt(hub, given)
        mark = marks.fresh()
        hub.patch_tags(given.device_id, {**given.tags, _MARK: mark})
        made = self._made(ctx, hub, given, mark)
        return f"{hub.host}/{given.device_id}", {**inputs, **made, marks.OUTPUT: mark}

    def _adopt(self, hub: IotHub, given: DeviceIdentityInputs) -> None:
        """A run that died may have left the identity half made; one with other tags is somebody else's."""
        device = hub.device(given.device_id)
        tags = _plain(device.tags)
        if device.edge == given.edge and tags in ({}, given.tags):
            return
        raise ProviderError(
            f"the device {device.device_id!r} exists already in {hub.host} with edge={device.edge} and tags "
            f"{tags!r}: delete it, or take it over with `pulumi import {self.token} <name> "
            f"{hub.host}/{device.device_id}`"
        )

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        host, device_id = _parts(id)
        hub = IotHub(ctx, host)
        with gone_if_missing():
            device = hub.device(device_id)
        live = {"hubHost": host, "deviceId": device_id, "edge": device.edge, "tags": _plain(device.tags)}
        secret = _secret(ctx, inputs.get("keySecret"))
        if secret is not None and secret.exists():
            live["keySecret"] = inputs["keySecret"]
        # an import claims what it finds; a refresh does not: another row may have taken it over
        mark = marks.of_row(state) if state else device.tags.get(_MARK)
        return id, live, {**live, **_outputs(device), **marks.as_output(mark)}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        given, mark = DeviceIdentityInputs.of(news), marks.kept(state)
        hub = IotHub(ctx, given.hub_host)
        removed = hub.device(given.device_id).tags.keys() - given.tags.keys()
        hub.patch_tags(given.device_id, {**dict.fromkeys(removed), **given.tags, _MARK: mark})
        made = self._made(ctx, hub, given, mark)
        before = _secret(ctx, olds.get("keySecret"))
        if before is not None and olds.get("keySecret") != news.get("keySecret"):
            before.delete(mark)
        return {**news, **made, marks.OUTPUT: mark}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        host, device_id = _parts(id)
        hub = IotHub(ctx, host)
        secret = _secret(ctx, inputs.get("keySecret"))
        if secret is not None:
            secret.delete(marks.of_row(state))
        with gone_if_missing():
            if hub.twin_tags(device_id).get(_MARK) == marks.of_row(state):
                hub.delete_device(device_id)

    def _made(self, ctx: OperationContext, hub: IotHub, given: DeviceIdentityInputs, mark: str) -> Properties:
        try:
            secret = _secret(ctx, given.key_secret)
            if secret is not None:
                secret.write(device_keys(hub, given.device_id), mark)
            return _outputs(hub.device(given.device_id))
        except ServiceError as error:
            if is_missing(error):
                raise ProviderError(f"{error}: it vanished while it was being set up") from error
            raise


def _parts(id: str) -> tuple[str, str]:
    host, _, device_id = id.partition("/")
    if not device_id:
        raise ProviderError(f"{id!r} is no id of a device; <hub host>/<device id> is wanted")
    return host, device_id


def _plain(tags: Mapping[str, Any]) -> dict[str, Any]:
    """As the program gave them."""
    return {name: value for name, value in tags.items() if name != _MARK}


def _secret(
    ctx: OperationContext, given: KeySecret | Mapping[str, str] | None, at_once: bool = False
) -> DeviceSecret | None:
    if not given:
        return None
    place = given if isinstance(given, KeySecret) else KeySecret.of(given)
    return DeviceSecret(ctx, place.vault, place.name, AT_ONCE if at_once else DEFAULT_LIMITS)


def _wrong(ctx: OperationContext, id: str, given: DeviceIdentityInputs, state: Properties) -> str | None:
    """What an `up` has to put right; None where nothing is, the device is gone, or somebody does not answer at once."""
    host, device_id = _parts(id)
    hub = IotHub(ctx, host, AT_ONCE)
    try:
        if hub.twin_tags(device_id).get(_MARK) != marks.of_row(state):
            return "has another mark than this resource's"
        secret = _secret(ctx, given.key_secret, at_once=True)
        if secret is not None:
            return secret.wrong(device_keys(hub, device_id), marks.of_row(state))
    except ServiceError:
        return None
    return None


def _outputs(device: Device) -> Properties:
    return {"generationId": device.generation_id}
