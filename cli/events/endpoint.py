"""Where a hub's built-in endpoint is, and the key that reads it.

Entra cannot read this endpoint, so the key of the policy `service` is fetched from ARM; it stays in this process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cli.errors import Failed, Refused
from cli.stack.outputs import Hub
from cloud.errors import ServiceError

POLICY = "service"
_API_VERSION = "2023-06-30"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInEndpoint:
    namespace: str
    name: str
    consumer_group: str
    key: str = field(repr=False)


def built_in_endpoint(hub: Hub) -> BuiltInEndpoint:
    """Asks ARM for the built-in endpoint and the `service` policy's key, with the signed-in identity.

    https://learn.microsoft.com/rest/api/iothub/iot-hub-resource
    """
    from cli.azure import resource_manager, subscription_id, words

    subscription = subscription_id()
    if not subscription:
        raise Refused("AZURE_SUBSCRIPTION_ID is not set; `az account show --query id` prints it")
    path = (
        f"/subscriptions/{subscription}/resourceGroups/{hub.resource_group}"
        f"/providers/Microsoft.Devices/IotHubs/{hub.name}"
    )
    arm = resource_manager()
    try:
        events = arm.get(path, _API_VERSION).body["properties"]["eventHubEndpoints"]["events"]
        policy = arm.request("POST", f"{path}/IotHubKeys/{POLICY}/listkeys", _API_VERSION).body
    except ServiceError as error:
        raise Failed(f"hub {hub.name}: {words(error)}") from error
    return BuiltInEndpoint(
        namespace=urlsplit(events["endpoint"]).hostname or "",
        name=str(events["path"]),
        consumer_group=hub.consumer_group,
        key=str(policy["primaryKey"]),
    )
