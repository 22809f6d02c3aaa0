"""azure-iot-hub, unmodified, through the proxy: signatures of shared access policies and Entra tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from azure.identity import DefaultAzureCredential
from azure.iot.hub import IoTHubConfigurationManager, IoTHubRegistryManager  # type: ignore[import-untyped]
from azure.iot.hub.models import QuerySpecification, Twin  # type: ignore[import-untyped]
from azure.iot.hub.protocol.models import CloudToDeviceMethod, Configuration, ConfigurationContent, TwinProperties  # type: ignore[import-untyped]
from msrest.exceptions import HttpOperationError

from standin.core.auth import DEPLOYER_OBJECT_ID, Roles
from standin.foundation import Foundation
from tests.standin.iothub.conftest import AzureHub, hubs_of, make_hub
from tests.standin.iothub.deployments import layer, standard
from tests.standin.running import RunningStandin

pytestmark = pytest.mark.filterwarnings(
    # msrest 0.7 under Python 3.11 and later: its own use of datetime
    "ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning",
)


@pytest.fixture(scope="module")
def azure_hub(standin: RunningStandin) -> Iterator[AzureHub]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in standin.environment.items():
            patch.setenv(name, value)
        yield make_hub("judged")


@pytest.fixture
def registry(azure_hub: AzureHub, environment: Mapping[str, str]) -> IoTHubRegistryManager:
    return IoTHubRegistryManager.from_connection_string(azure_hub.connection_string())


@pytest.fixture
def configurations(azure_hub: AzureHub, environment: Mapping[str, str]) -> IoTHubConfigurationManager:
    return IoTHubConfigurationManager.from_connection_string(azure_hub.connection_string())


@pytest.fixture
def edge(registry: IoTHubRegistryManager) -> Iterator[str]:
    registry.create_device_with_sas("edge-01", None, None, "enabled", iot_edge=True)
    yield "edge-01"
    registry.delete_device("edge-01")


def grant(standin: RunningStandin, azure_hub: AzureHub, role: str) -> None:
    """As a role assignment in force; the ARM half of it is core's to test."""

    def write(base: Foundation) -> None:
        hub = hubs_of(standin).get(azure_hub.host)
        assert hub is not None
        document = {
            "scope": hub.record.resource_id,
            "principalId": DEPLOYER_OBJECT_ID,
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "createdOn": base.clock.now().isoformat(),
        }
        base.store.put(Roles.KIND, role, document)

    standin.do(write)


def revoke(standin: RunningStandin) -> None:
    standin.do(lambda base: base.store.delete_all(Roles.KIND))


def refused(call: Any, *arguments: Any) -> tuple[int, str]:
    """-> status and IoT Hub's Message of the refusal that the SDK raises."""
    with pytest.raises(HttpOperationError) as error:
        call(*arguments)
    response = error.value.response
    return response.status_code, response.json()["Message"]


def test_identities_live_and_die(registry: IoTHubRegistryManager) -> None:
    made = registry.create_device_with_sas("leaf", None, None, "enabled")
    keys = made.authentication.symmetric_key
    updated = registry.update_device_with_sas("leaf", made.etag, keys.primary_key, keys.secondary_key, "disabled")
    assert (updated.status, updated.generation_id) == ("disabled", made.generation_id)
    module = registry.create_module_with_sas("leaf", "m", "me", None, None)
    assert registry.get_module("leaf", "m").authentication.symmetric_key == module.authentication.symmetric_key
    assert [one.module_id for one in registry.get_modules("leaf")] == ["m"]
    assert registry.get_device_registry_statistics().disabled_device_count == 1
    registry.delete_module("leaf", "m", module.etag)
    registry.delete_device("leaf")
    assert refused(registry.get_device, "leaf")[0] == 404


def test_an_edge_device_gets_tags_and_is_found_by_them(registry: IoTHubRegistryManager, edge: str) -> None:
    registry.update_twin(edge, Twin(tags={"model": "anomaly", "site": {"name": "lab"}}))
    query = "SELECT * FROM devices WHERE tags.model = 'anomaly' AND tags.site.name = 'lab'"
    found = registry.query_iot_hub(QuerySpecification(query=query))
    assert [(twin.device_id, twin.capabilities.iot_edge) for twin in found.items] == [(edge, True)]
    desired = Twin(properties=TwinProperties(desired={"interval": 5}))
    twin = registry.update_module_twin(edge, "$edgeHub", desired, registry.get_module_twin(edge, "$edgeHub").etag)
    assert twin.properties.desired["interval"] == 5
    assert "412" in str(refused(registry.update_module_twin, edge, "$edgeHub", desired, "AAAAAAAAAAk=")[0])


def test_pages_of_a_query_follow_each_other(registry: IoTHubRegistryManager) -> None:
    names = [f"paged-{number}" for number in range(5)]
    for name in names:
        registry.create_device_with_sas(name, None, None, "enabled")
    asked = QuerySpecification(query="SELECT * FROM devices WHERE deviceId >= 'paged' AND deviceId < 'pagee'")
    seen: list[str] = []
    continuation = None
    while True:
        part = registry.query_iot_hub(asked, continuation, 2)
        seen += [twin.device_id for twin in part.items]
        continuation = part.continuation_token
        if continuation is None:
            break
    for name in names:
        registry.delete_device(name)
    assert seen == names


def test_a_deployment_goes_its_way(
    registry: IoTHubRegistryManager, configurations: IoTHubConfigurationManager, edge: str
) -> None:
    def put(id_: str, priority: int, content: Any, condition: str = "deviceId != ''") -> Configuration:
        wanted = Configuration(
            id=id_,
            schema_version="2.0",
            content=ConfigurationContent(modules_content=content),
            target_condition=condition,
            priority=priority,
            etag="*",
        )
        return configurations.create_configuration(wanted)

    registry.update_twin(edge, Twin(tags={"model": "anomaly"}))
    put("base", 10, standard())
    made = put("layer", 20, layer({"scorer": {"type": "docker"}}), "(tags.model = 'anomaly')")
    assert made.system_metrics.results["appliedCount"] == 1
    assert [one.module_id for one in registry.get_modules(edge)] == ["$edgeAgent", "$edgeHub", "scorer"]
    agent = registry.get_module_twin(edge, "$edgeAgent")
    assert agent.additional_properties["configurations"] == {
        "base": {"status": "Applied"},
        "layer": {"status": "Applied"},
    }
    made.priority = 21
    # unquoted, as the SDK sends it, and quoted, as the real service is reported to need it
    updated = configurations.update_configuration(made, made.etag)
    updated.priority = 22
    assert configurations.update_configuration(updated, f'"{updated.etag}"').priority == 22
    assert refused(configurations.create_configuration, made) == (
        409,
        "ErrorCode:ConfigurationAlreadyExists;Configuration with id 'layer' already exist on IotHub.",
    )
    assert {one.id for one in configurations.get_configurations(10)} == {"base", "layer"}
    configurations.delete_configuration("layer")
    configurations.delete_configuration("base")
    assert [one.module_id for one in registry.get_modules(edge)] == ["$edgeAgent", "$edgeHub"]


def test_a_bad_condition_comes_back_with_its_position(configurations: IoTHubConfigurationManager) -> None:
    content = ConfigurationContent(modules_content=standard())
    wanted = Configuration(id="bad", content=content, target_condition="tags.model = 'x", priority=1)
    status, message = refused(configurations.create_configuration, wanted)
    assert (status, "at position 13" in message) == (400, True)


def test_set_modules_answers_as_the_sdk_wants(
    registry: IoTHubRegistryManager, configurations: IoTHubConfigurationManager, edge: str
) -> None:
    content = ConfigurationContent(modules_content=standard({"scorer": {"type": "docker"}}))
    configurations.apply_configuration_on_edge_device(edge, content)
    assert "scorer" in [one.module_id for one in registry.get_modules(edge)]


def test_a_method_on_an_absent_device_says_so(registry: IoTHubRegistryManager, edge: str) -> None:
    method = CloudToDeviceMethod(method_name="ping", payload={}, response_timeout_in_seconds=5)
    status, message = refused(registry.invoke_device_module_method, edge, "$edgeAgent", method)
    assert status == 404
    assert '"errorCode":404103' in message


@pytest.mark.parametrize(
    ("policy", "allowed", "denied"),
    [
        ("registryRead", ["get_device"], ["delete_device", "get_twin"]),
        ("registryReadWrite", ["get_device"], ["get_twin"]),
        ("service", ["get_twin"], ["get_device", "delete_device"]),
        ("device", [], ["get_device", "get_twin", "delete_device"]),
    ],
)
def test_a_policy_gives_its_rights_and_no_more(
    azure_hub: AzureHub, edge: str, policy: str, allowed: list[str], denied: list[str]
) -> None:
    client = IoTHubRegistryManager.from_connection_string(azure_hub.connection_string(policy))
    for name in allowed:
        assert getattr(client, name)(edge).device_id == edge
    for name in denied:
        status, message = refused(getattr(client, name), edge)
        assert (status, message.partition(";")[0]) == (401, "ErrorCode:IotHubUnauthorizedAccess")


def test_a_wrong_key_is_refused(azure_hub: AzureHub, environment: Mapping[str, str]) -> None:
    client = IoTHubRegistryManager.from_connection_string(azure_hub.connection_string(key="d3Jvbmc="))
    status, message = refused(client.get_devices)
    assert (status, message.partition(";")[0]) == (401, "ErrorCode:IotHubUnauthorizedAccess")


def test_a_principal_needs_a_role_and_gets_what_it_gives(
    standin: RunningStandin, azure_hub: AzureHub, environment: Mapping[str, str], edge: str
) -> None:
    with DefaultAzureCredential() as credential:
        registry = IoTHubRegistryManager.from_token_credential(azure_hub.host, credential)
        configurations = IoTHubConfigurationManager.from_token_credential(azure_hub.host, credential)
        status, message = refused(registry.get_device, edge)
        assert status == 401
        assert DEPLOYER_OBJECT_ID in message
        grant(standin, azure_hub, "b447c946-2db7-41ec-983d-d8bf3b1c77e3")  # Data Reader
        assert registry.get_device(edge).device_id == edge
        assert refused(registry.update_twin, edge, Twin(tags={"a": 1}))[0] == 401
        revoke(standin)
        grant(standin, azure_hub, "494bdba2-168f-4f31-a0a1-191d2f7c028c")  # Twin Contributor
        assert registry.update_twin(edge, Twin(tags={"a": 1})).tags == {"a": 1}
        assert refused(configurations.get_configurations)[0] == 401
        revoke(standin)
        grant(standin, azure_hub, "4fc6c259-987e-4a07-842e-c321cc9d413f")  # Data Contributor
        content = ConfigurationContent(modules_content=standard())
        assert configurations.create_configuration(Configuration(id="aad", content=content, priority=1)).id == "aad"
        configurations.delete_configuration("aad")
        revoke(standin)
