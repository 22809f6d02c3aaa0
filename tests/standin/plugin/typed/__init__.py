"""Arguments of azure-native's own classes, one set per type, and the wire form in which a plugin gets them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from pulumi import get

from tests.standin.plugin.sample_ids import GROUP, IDENTITY, KEY, TAGS
from tests.standin.plugin.typed.kubernetes import KUBERNETES
from tests.standin.plugin.typed.machine import MACHINE
from tests.standin.plugin.typed.machinelearning import MACHINE_LEARNING


def wire(value: Any) -> Any:
    """Typed arguments as camelCase maps, without what was left out."""
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [wire(item) for item in value]
    if not getattr(type(value), "_pulumi_input_type", False):
        return value
    given = {}
    for name, described in vars(type(value)).items():
        item = get(value, name) if isinstance(described, property) else None
        if item is not None:
            given[getattr(described.fget, "_pulumi_name", name)] = wire(item)
    return given


@cache
def arguments() -> dict[str, dict[str, Any]]:
    return {f"{module}:{name}": wire(make()) for (module, name), make in _SAMPLES.items()}


def _group() -> Any:
    from pulumi_azure_native import resources

    return resources.ResourceGroupArgs(resource_group_name="rg", location="westeurope", tags=TAGS)


def _identity() -> Any:
    from pulumi_azure_native import managedidentity

    return managedidentity.UserAssignedIdentityArgs(
        resource_group_name="rg", resource_name="id-run", location="westeurope"
    )


def _grant() -> Any:
    from pulumi_azure_native import authorization

    return authorization.RoleAssignmentArgs(
        scope=GROUP,
        role_assignment_name="7f951dda-4ed3-4680-a7ca-43fe172d538d",
        principal_id="p",
        principal_type="ServicePrincipal",
        role_definition_id="r",
    )


def _logs() -> Any:
    from pulumi_azure_native import operationalinsights as logs

    return logs.WorkspaceArgs(
        resource_group_name="rg",
        workspace_name="log",
        location="westeurope",
        sku=logs.WorkspaceSkuArgs(name="PerGB2018"),
        retention_in_days=30,
        workspace_capping=logs.WorkspaceCappingArgs(daily_quota_gb=1.5),
    )


def _insights() -> Any:
    from pulumi_azure_native import applicationinsights

    return applicationinsights.ComponentArgs(
        resource_group_name="rg",
        resource_name="appi",
        location="westeurope",
        kind="web",
        application_type="web",
        ingestion_mode="LogAnalytics",
        workspace_resource_id=f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log",
    )


def _storage() -> Any:
    from pulumi_azure_native import storage

    return storage.StorageAccountArgs(
        resource_group_name="rg",
        account_name="st",
        location="westeurope",
        kind="StorageV2",
        sku=storage.SkuArgs(name="Standard_LRS"),
        allow_shared_key_access=False,
        enable_https_traffic_only=True,
        minimum_tls_version="TLS1_2",
        network_rule_set=storage.NetworkRuleSetArgs(
            default_action=storage.DefaultAction.DENY,
            bypass="AzureServices",
            ip_rules=[storage.IPRuleArgs(i_p_address_or_range="10.0.0.0/8")],
        ),
        encryption=storage.EncryptionArgs(
            key_source="Microsoft.Keyvault",
            key_vault_properties=storage.KeyVaultPropertiesArgs(key_name="k", key_vault_uri="https://v"),
            encryption_identity=storage.EncryptionIdentityArgs(encryption_user_assigned_identity=IDENTITY),
        ),
        identity=storage.IdentityArgs(type="UserAssigned", user_assigned_identities=[IDENTITY]),
    )


def _vault() -> Any:
    from pulumi_azure_native import keyvault

    return keyvault.VaultArgs(
        resource_group_name="rg",
        vault_name="kv",
        location="westeurope",
        properties=keyvault.VaultPropertiesArgs(
            tenant_id="t",
            sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
            enable_rbac_authorization=True,
            soft_delete_retention_in_days=7,
        ),
    )


def _secret() -> Any:
    from pulumi_azure_native import keyvault

    return keyvault.SecretArgs(
        resource_group_name="rg",
        vault_name="kv",
        secret_name="s",
        properties=keyvault.SecretPropertiesArgs(value=KEY, content_type="text/plain"),
    )


def _registry() -> Any:
    from pulumi_azure_native import containerregistry as acr

    return acr.RegistryArgs(
        resource_group_name="rg",
        registry_name="cr",
        location="westeurope",
        sku=acr.SkuArgs(name="Basic"),
        admin_user_enabled=False,
        network_rule_set=acr.NetworkRuleSetArgs(
            default_action="Deny", ip_rules=[acr.IPRuleArgs(i_p_address_or_range="10.1.0.0/16", action="Allow")]
        ),
    )


def _scope_map() -> Any:
    from pulumi_azure_native import containerregistry as acr

    return acr.ScopeMapArgs(
        resource_group_name="rg",
        registry_name="cr",
        scope_map_name="edge",
        actions=["repositories/edgeway/anomaly/content/read"],
    )


def _token() -> Any:
    from pulumi_azure_native import containerregistry as acr

    return acr.TokenArgs(
        resource_group_name="rg",
        registry_name="cr",
        token_name="edge",
        scope_map_id="map",
        status="enabled",
    )


def _containers() -> Any:
    from pulumi_azure_native import containerinstance as aci

    probe = aci.ContainerProbeArgs(http_get=aci.ContainerHttpGetArgs(path="/ready", port=5001, scheme="http"))
    return aci.ContainerGroupArgs(
        resource_group_name="rg",
        container_group_name="ci",
        location="westeurope",
        os_type="Linux",
        sku="Standard",
        restart_policy="Always",
        identity=aci.ContainerGroupIdentityArgs(
            type=aci.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[IDENTITY]
        ),
        image_registry_credentials=[aci.ImageRegistryCredentialArgs(server="cr.azurecr.io", identity=IDENTITY)],
        ip_address=aci.IpAddressArgs(type="Public", ports=[aci.PortArgs(port=443, protocol="TCP")]),
        containers=[
            aci.ContainerArgs(
                name="scorer",
                image="cr.azurecr.io/edgeway/anomaly@sha256:0",
                ports=[aci.ContainerPortArgs(port=443), aci.ContainerPortArgs(port=5001)],
                resources=aci.ResourceRequirementsArgs(
                    requests=aci.ResourceRequestsArgs(cpu=0.5, memory_in_gb=1.0),
                ),
                environment_variables=[aci.EnvironmentVariableArgs(name="KEY", secure_value=KEY)],
                readiness_probe=probe,
                volume_mounts=[aci.VolumeMountArgs(name="secrets", mount_path="/var/run/edgeway/secrets")],
            )
        ],
        volumes=[aci.VolumeArgs(name="secrets", secret={"scoring-key": KEY})],
    )


def _hub() -> Any:
    from pulumi_azure_native import iothub

    return iothub.IotHubResourceArgs(
        resource_group_name="rg",
        resource_name="iot",
        location="westeurope",
        sku=iothub.IotHubSkuInfoArgs(name="S1", capacity=1),
        properties=iothub.IotHubPropertiesArgs(
            min_tls_version="1.2",
            disable_device_sas=False,
            event_hub_endpoints={"events": iothub.EventHubPropertiesArgs(partition_count=2, retention_time_in_days=1)},
            routing=iothub.RoutingPropertiesArgs(
                fallback_route=iothub.FallbackRoutePropertiesArgs(
                    name="$fallback",
                    source="DeviceMessages",
                    condition="true",
                    endpoint_names=["events"],
                    is_enabled=True,
                )
            ),
        ),
    )


def _consumers() -> Any:
    from pulumi_azure_native import iothub

    return iothub.IotHubResourceEventHubConsumerGroupArgs(
        resource_group_name="rg",
        resource_name="iot",
        event_hub_endpoint_name="events",
        name="monitor",
        properties=iothub.EventHubConsumerGroupNameArgs(name="monitor"),
    )


_SAMPLES: dict[tuple[str, str], Callable[[], Any]] = {
    ("resources", "ResourceGroup"): _group,
    ("managedidentity", "UserAssignedIdentity"): _identity,
    ("authorization", "RoleAssignment"): _grant,
    ("operationalinsights", "Workspace"): _logs,
    ("applicationinsights", "Component"): _insights,
    ("storage", "StorageAccount"): _storage,
    ("keyvault", "Vault"): _vault,
    ("keyvault", "Secret"): _secret,
    ("containerregistry", "Registry"): _registry,
    ("containerregistry", "ScopeMap"): _scope_map,
    ("containerregistry", "Token"): _token,
    **MACHINE_LEARNING,
    **KUBERNETES,
    **MACHINE,
    ("containerinstance", "ContainerGroup"): _containers,
    ("iothub", "IotHubResource"): _hub,
    ("iothub", "IotHubResourceEventHubConsumerGroup"): _consumers,
}
