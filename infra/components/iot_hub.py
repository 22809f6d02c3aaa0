"""IoT Hub with a consumer group of its own on the built-in endpoint, which `edgeway monitor` reads.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-read-builtin
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import iothub

from infra.components.site import Site
from infra.settings.tree import IotHubSettings

CONSUMER_GROUP = "edgeway-monitor"
_ENDPOINT = "events"


@dataclass(frozen=True, kw_only=True)
class IotHubArgs:
    site: Site
    hub_name: str
    settings: IotHubSettings
    protect: bool


class IotHub(pulumi.ComponentResource):
    def __init__(self, name: str, args: IotHubArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:IotHub", name, None, opts)
        site = args.site
        self.hub = iothub.IotHubResource(
            name,
            resource_name_=args.hub_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            sku=iothub.IotHubSkuInfoArgs(name=args.settings.sku, capacity=args.settings.units),
            identity=iothub.ArmIdentityArgs(type=iothub.ResourceIdentityType.SYSTEM_ASSIGNED),
            properties=_properties(args.settings),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                # keys would land in the state
                ignore_changes=["properties.authorizationPolicies"],
                replace_on_changes=[
                    "properties.eventHubEndpoints.events.partitionCount",
                    "properties.minTlsVersion",
                    "properties.enableDataResidency",
                    "location",
                ],
                delete_before_replace=True,
            ),
        )
        self.name: pulumi.Output[str] = self.hub.name
        # Built from the name, not read from the properties: those are unknown in the preview of any update of the hub,
        # and every device and deployment would be shown as replaced.
        self.host: pulumi.Output[str] = pulumi.Output.concat(self.hub.name, ".azure-devices.net")
        self.consumer_group = iothub.IotHubResourceEventHubConsumerGroup(
            name,
            name=CONSUMER_GROUP,
            event_hub_endpoint_name=_ENDPOINT,
            resource_group_name=site.resource_group_name,
            resource_name_=self.hub.name,
            properties=iothub.EventHubConsumerGroupNameArgs(name=CONSUMER_GROUP),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"host": self.host})


def _properties(settings: IotHubSettings) -> iothub.IotHubPropertiesArgs:
    return iothub.IotHubPropertiesArgs(
        min_tls_version="1.2",
        public_network_access="Enabled",
        # Entra cannot read the built-in endpoint, and modules of IoT Edge authenticate with SAS
        disable_local_auth=False,
        disable_device_sas=False,
        disable_module_sas=False,
        features="None",
        enable_data_residency=False,
        enable_file_upload_notifications=False,
        # these two go into every PUT: what is left out is reset
        event_hub_endpoints={
            _ENDPOINT: iothub.EventHubPropertiesArgs(
                partition_count=settings.partitions, retention_time_in_days=settings.retention_days
            )
        },
        routing=iothub.RoutingPropertiesArgs(
            fallback_route=iothub.FallbackRoutePropertiesArgs(
                name="$fallback",
                source="DeviceMessages",
                condition="true",
                endpoint_names=[_ENDPOINT],
                is_enabled=True,
            )
        ),
        cloud_to_device=iothub.CloudToDevicePropertiesArgs(max_delivery_count=10, default_ttl_as_iso8601="PT1H"),
    )
