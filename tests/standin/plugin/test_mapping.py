"""The mapping, judged by Microsoft's own models: they read back what the plugin would PUT."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from pluginbase.resource import UNKNOWN
from standin.plugin import mapping
from standin.plugin.generate import TARGET, generate
from standin.plugin.kinds import BY_TOKEN, KINDS
from tests.standin.plugin.sample_ids import IDENTITY, KEY
from tests.standin.plugin.typed import arguments

# azure-ai-ml, whose models judge here, is older than the marshmallow it imports.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")]

TOKENS = [kind.token for kind in KINDS]


def body(token: str) -> dict[str, Any]:
    return mapping.body(token, arguments()[token], BY_TOKEN[token].params)


def read_back(token: str) -> Any:
    module, _, name = BY_TOKEN[token].model.partition(":")
    model = getattr(importlib.import_module(module), name)
    return model.deserialize(body(token)) if hasattr(model, "deserialize") else model(body(token))


def test_the_committed_table_is_what_the_installed_sdks_give() -> None:
    assert generate() == TARGET.read_text(), "run `python -m standin.plugin.generate`"


def test_every_type_has_a_sample() -> None:
    assert set(arguments()) == set(TOKENS)


@pytest.mark.parametrize("token", TOKENS)
def test_what_a_body_says_is_read_back_as_the_same_inputs(token: str) -> None:
    kind = BY_TOKEN[token]
    given = {name: value for name, value in arguments()[token].items() if name not in kind.params}

    assert mapping.inputs_of(token, mapping.outputs(token, body(token))) == given


@pytest.mark.parametrize("token", TOKENS)
def test_the_typed_arguments_pass_the_check(token: str) -> None:
    assert mapping.check(token, arguments()[token]) == []


def test_a_container_group_is_read_back() -> None:
    group = read_back("containerinstance:ContainerGroup")

    (container,) = group.containers
    assert container.image == "cr.azurecr.io/edgeway/anomaly@sha256:0"
    assert container.resources.requests.cpu == 0.5
    assert container.environment_variables[0].secure_value == KEY
    assert container.readiness_probe.http_get.port == 5001
    assert group.volumes[0].secret == {"scoring-key": KEY}
    assert (group.os_type, group.sku, group.restart_policy) == ("Linux", "Standard", "Always")
    assert group.image_registry_credentials[0].identity == IDENTITY
    assert list(group.identity.user_assigned_identities) == [IDENTITY]
    assert group.ip_address.ports[0].port == 443


def test_a_storage_account_is_read_back() -> None:
    account = read_back("storage:StorageAccount")

    assert account.properties.enable_https_traffic_only is True
    assert account.properties.allow_shared_key_access is False
    assert account.properties.network_rule_set.default_action == "Deny"
    assert account.properties.network_rule_set.ip_rules[0].ip_address_or_range == "10.0.0.0/8"
    assert account.properties.encryption.key_vault_properties.key_name == "k"
    assert account.properties.encryption.encryption_identity.encryption_user_assigned_identity == IDENTITY
    assert (account.kind, account.sku.name) == ("StorageV2", "Standard_LRS")


def test_a_vault_and_its_secret_are_read_back() -> None:
    vault = read_back("keyvault:Vault")
    secret = read_back("keyvault:Secret")

    assert vault.properties.enable_rbac_authorization is True
    assert vault.properties.sku.name == "standard"
    assert vault.properties.soft_delete_retention_in_days == 7
    assert (secret.properties.value, secret.properties.content_type) == (KEY, "text/plain")


def test_a_registry_with_scope_map_and_token_is_read_back() -> None:
    registry = read_back("containerregistry:Registry")
    scope_map = read_back("containerregistry:ScopeMap")
    token = read_back("containerregistry:Token")

    assert (registry.sku.name, registry.properties.admin_user_enabled) == ("Basic", False)
    assert registry.properties.network_rule_set.ip_rules[0].ip_address_or_range == "10.1.0.0/16"
    assert scope_map.properties.actions == ["repositories/edgeway/anomaly/content/read"]
    assert (token.properties.scope_map_id, token.properties.status) == ("map", "enabled")


def test_an_iot_hub_and_its_consumer_group_are_read_back() -> None:
    hub = read_back("iothub:IotHubResource")
    group = read_back("iothub:IotHubResourceEventHubConsumerGroup")

    assert (hub.sku.name, hub.properties.min_tls_version) == ("S1", "1.2")
    assert hub.properties.disable_device_sas is False
    assert hub.properties.event_hub_endpoints["events"].partition_count == 2
    assert hub.properties.routing.fallback_route.endpoint_names == ["events"]
    assert group.properties.name == "monitor"


def test_a_machine_learning_workspace_is_read_back() -> None:
    workspace = read_back("machinelearningservices:Workspace")

    assert workspace.properties.storage_account == "st"
    assert workspace.properties.v1_legacy_mode is False
    assert workspace.properties.managed_network.isolation_mode == "Disabled"
    assert workspace.properties.shared_private_link_resources[0].properties.group_id == "blob"
    assert (workspace.kind, workspace.identity.type) == ("Default", "UserAssigned")


def test_machine_learning_assets_are_read_back() -> None:
    environment = read_back("machinelearningservices:EnvironmentVersion")
    model = read_back("machinelearningservices:ModelVersion")
    compute = read_back("machinelearningservices:Compute")
    endpoint = read_back("machinelearningservices:OnlineEndpoint")
    deployment = read_back("machinelearningservices:OnlineDeployment")

    assert environment.properties.inference_config.scoring_route.port == 5001
    assert model.properties.flavors["onnx"].data == {"opset": "17"}
    assert type(compute.properties).__name__ == "AmlCompute"
    assert compute.properties.properties.scale_settings.max_node_count == 1
    assert endpoint.properties.traffic == {"blue": 90, "green": 10}
    assert type(deployment.properties).__name__ == "ManagedOnlineDeployment"
    assert (deployment.sku.capacity, deployment.properties.request_settings.request_timeout is not None) == (1, True)


def test_a_cluster_and_its_extension_are_read_back() -> None:
    cluster = read_back("containerservice:ManagedCluster")
    extension = read_back("kubernetesconfiguration:Extension")

    (pool,) = cluster.properties.agent_pool_profiles
    assert (pool.vm_size, pool.count, cluster.properties.dns_prefix) == ("Standard_D4s_v3", 3, "edgeway")
    assert cluster.properties.identity_profile["kubeletidentity"].resource_id == IDENTITY
    assert cluster.properties.api_server_access_profile.authorized_ip_ranges == ["10.0.0.0/8"]
    assert list(cluster.identity.user_assigned_identities) == [IDENTITY]
    assert (extension.extension_type, extension.release_train) == ("Microsoft.AzureML.Kubernetes", "stable")
    assert extension.scope.cluster.release_namespace == "azureml"
    assert extension.configuration_protected_settings == {"scoringFe.sslKey": KEY}


def test_monitoring_is_read_back() -> None:
    logs = read_back("operationalinsights:Workspace")
    insights = read_back("applicationinsights:Component")

    assert (logs.properties.sku.name, logs.properties.workspace_capping.daily_quota_gb) == ("PerGB2018", 1.5)
    assert (insights.kind, insights.application_type, insights.ingestion_mode) == ("web", "web", "LogAnalytics")
    assert insights.workspace_resource_id.endswith("/workspaces/log")


def test_groups_identities_and_roles_are_read_back() -> None:
    group = read_back("resources:ResourceGroup")
    identity = read_back("managedidentity:UserAssignedIdentity")
    role = read_back("authorization:RoleAssignment")

    assert (group.location, group.tags) == ("westeurope", {"project": "edgeway"})
    assert identity.location == "westeurope"
    assert (role.principal_id, role.role_definition_id, role.principal_type) == ("p", "r", "ServicePrincipal")


def test_a_property_newer_than_the_sdk_goes_where_its_neighbours_go() -> None:
    registry = mapping.body("containerregistry:Registry", {"roleAssignmentMode": "Legacy"}, ())
    hub = mapping.body("iothub:IotHubResource", {"properties": {"newer": {"a": None, "b": 1}}}, ())

    assert registry == {"properties": {"roleAssignmentMode": "Legacy"}}
    assert hub == {"properties": {"newer": {"b": 1}}}


def test_upper_case_outputs_of_application_insights_are_shown_in_azure_natives_case() -> None:
    response = {
        "name": "appi",
        "properties": {"AppId": "a", "ConnectionString": "c", "Application_Type": "web", "Name": "x"},
    }

    assert mapping.outputs("applicationinsights:Component", response) == {
        "name": "appi",
        "appId": "a",
        "connectionString": "c",
        "applicationType": "web",
    }


def test_outputs_are_lifted_where_no_input_is() -> None:
    response = {"location": "westeurope", "properties": {"principalId": "p"}}

    shown = mapping.outputs("managedidentity:UserAssignedIdentity", response)

    assert shown == {"location": "westeurope", "principalId": "p"}


def test_a_preview_knows_the_inputs_and_nothing_else() -> None:
    shown = mapping.preview("iothub:IotHubResource", arguments()["iothub:IotHubResource"])

    assert shown["location"] == "westeurope"
    assert shown["name"] is UNKNOWN
    assert shown["properties"]["hostName"] is UNKNOWN
    assert shown["properties"]["minTlsVersion"] == "1.2"


def test_a_check_names_what_is_missing_and_what_is_allowed() -> None:
    inputs = {
        "osType": "Linux",
        "identity": {"type": "Managed"},
        "containers": [{"image": "i", "resources": {"requests": {"cpu": 1}}}],
    }

    failures = mapping.check("containerinstance:ContainerGroup", inputs)

    assert {failure.path: failure.reason for failure in failures} == {
        "containers[0].name": "is required but missing",
        "containers[0].resources.requests.memoryInGB": "is required but missing",
        "identity.type": ("'Managed' is not one of SystemAssigned, UserAssigned, SystemAssigned, UserAssigned, None"),
    }


def test_an_unknown_value_passes_the_check() -> None:
    inputs = {"osType": UNKNOWN, "containers": UNKNOWN, "identity": {"type": UNKNOWN}}

    assert mapping.check("containerinstance:ContainerGroup", inputs) == []


def test_a_required_property_is_missed() -> None:
    assert [failure.path for failure in mapping.check("iothub:IotHubResource", {})] == ["sku"]


def test_a_machine_and_what_it_lies_in_are_read_back() -> None:
    machine = read_back("compute:VirtualMachine")
    command = read_back("compute:VirtualMachineRunCommandByVirtualMachine")

    assert machine.properties.security_profile.uefi_settings.secure_boot_enabled is True
    assert machine.properties.storage_profile.os_disk.delete_option == "Delete"
    assert machine.properties.os_profile.linux_configuration.ssh.public_keys[0].key_data.startswith("ssh-ed25519")
    assert machine.properties.network_profile.network_interfaces[0].properties.delete_option == "Detach"
    assert list(machine.identity.user_assigned_identities) == [IDENTITY]
    assert command.properties.protected_parameters[0].value == KEY
    assert (command.properties.timeout_in_seconds, command.properties.source.script[:10]) == (1800, "cloud-init")


def test_a_network_is_read_back() -> None:
    network = read_back("network:VirtualNetwork")
    interface = read_back("network:NetworkInterface")
    gateway = read_back("network:NatGateway")

    (subnet,) = network.properties.subnets
    assert (subnet.properties.default_outbound_access, subnet.properties.nat_gateway.id[-4:]) == (False, "/nat")
    assert subnet.properties.network_security_group.id.endswith("/nsg")
    (configuration,) = interface.properties.ip_configurations
    assert configuration.properties.subnet.id.endswith("/subnets/edge")
    assert (gateway.sku.name, gateway.properties.public_ip_addresses[0].id[-4:]) == ("Standard", "/pip")
    assert read_back("network:PublicIPAddress").properties.public_ip_allocation_method == "Static"
    assert read_back("network:NetworkSecurityGroup").properties.security_rules[0].properties.priority == 100
