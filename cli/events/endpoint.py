"""Where a hub's built-in endpoint is, and the key that reads it.

Entra cannot read this endpoint, so the key of the policy `service` is fetched from ARM; it stays in this process.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cli.errors import Failed, Refused
from cli.stack.outputs import Hub

POLICY = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInEndpoint:
    namespace: str
    name: str
    consumer_group: str
    key: str = field(repr=False)


def built_in_endpoint(hub: Hub) -> BuiltInEndpoint:
    """Asks ARM for the built-in endpoint and the `service` policy's key, with the signed-in identity."""
    from azure.core.exceptions import AzureError
    from azure.identity import DefaultAzureCredential
    from azure.mgmt.iothub import IotHubClient

    subscription = os.environ.get("AZURE_SUBSCRIPTION_ID") or os.environ.get("ARM_SUBSCRIPTION_ID")
    if not subscription:
        raise Refused("AZURE_SUBSCRIPTION_ID is not set; `az account show --query id` prints it")
    try:
        client: Any = IotHubClient(DefaultAzureCredential(), subscription)
        events = client.iot_hub_resource.get(hub.resource_group, hub.name).properties.event_hub_endpoints["events"]
        policy = client.iot_hub_resource.get_keys_for_key_name(hub.resource_group, hub.name, POLICY)
    except AzureError as error:
        raise Failed(f"hub {hub.name}: {' '.join(str(error).split())[:400]}") from error
    namespace = urlsplit(events.endpoint).hostname or ""
    return BuiltInEndpoint(
        namespace=namespace, name=events.path, consumer_group=hub.consumer_group, key=str(policy.primary_key)
    )
