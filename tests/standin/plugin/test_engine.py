"""azure-native programs under the real engine, with this plugin in the place of the real one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from pluginbase.server import start
from pluginbase.servicer import Servicer
from standin.plugin.invokes import invokes
from standin.plugin.kinds import KINDS
from standin.plugin.resource import AzureResource, canonical
from tests.pluginbase.workspace import Workspace
from tests.standin.plugin.conftest import TinyAccount
from tests.standin.plugin.sample_ids import GROUP, KEY
from tests.standin.plugin.tiny_arm import TinyArm

pytestmark = pytest.mark.engine

LAUNCHER = Path(__file__).parents[3] / "standin" / "plugin" / "pulumi-resource-azure-native"
PROGRAM = f"""
import pulumi
from pulumi_azure_native import containerinstance as aci, iothub, resources

class Pinned(pulumi.CustomResource):
    def __init__(self, token, name, props, opts, *rest, **named):
        alias = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=token)])
        super().__init__(token.replace(":ContainerGroup", "/v20250901:ContainerGroup"), name, props,
                         pulumi.ResourceOptions.merge(opts, alias), *rest, **named)

class ContainerGroup(aci.ContainerGroup, Pinned):
    pass

config = pulumi.Config()
group = resources.ResourceGroup("group", resource_group_name="rg", location="westeurope",
    tags={{"size": config.get("size") or "small"}})
hub = iothub.IotHubResource("hub", resource_group_name=group.name, resource_name_="iot", location="westeurope",
    sku=iothub.IotHubSkuInfoArgs(name="S1", capacity=1))
containers = ContainerGroup("containers", resource_group_name=group.name, container_group_name="ci",
    location="westeurope", os_type="Linux", containers=[aci.ContainerArgs(
        name="scorer", image="image", resources=aci.ResourceRequirementsArgs(
            requests=aci.ResourceRequestsArgs(cpu=1, memory_in_gb=1)),
        environment_variables=[aci.EnvironmentVariableArgs(name="KEY", secure_value=pulumi.Output.secret("{KEY}"))])],
    opts=pulumi.ResourceOptions(depends_on=[hub]))
keys = iothub.list_iot_hub_resource_keys_output(resource_group_name=group.name, resource_name=hub.name)
pulumi.export("key", pulumi.Output.secret(keys.value))
pulumi.export("version", containers.azure_api_version)
"""
CONTAINERS = f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/ci"


@pytest.fixture
def attached(tmp_path: Path, account: TinyAccount) -> Iterator[Workspace]:
    """A workspace whose engine finds the plugin running in this process, in front of the tiny ARM."""
    resources = [AzureResource(kind, account) for kind in KINDS]
    servicer = Servicer(
        "azure-native",
        version("pulumi-azure-native"),
        resources,
        invokes=invokes(account),
        on_configure=account.configure,
        canonical=canonical,
    )
    server, port = start(servicer)
    workspace = Workspace(tmp_path, PROGRAM)
    workspace.environment["PULUMI_DEBUG_PROVIDERS"] = f"azure-native:{port}"
    yield workspace
    servicer.engine.close()
    server.stop(0).wait()


def test_an_azure_native_program_lives_through_the_real_engine(attached: Workspace, azure: TinyArm) -> None:
    for _ in range(2):
        azure.next("POST", 200, {"value": [{"keyName": "owner", "primaryKey": "p"}]})
    attached.up()
    container = azure.resources[CONTAINERS]["properties"]["containers"][0]["properties"]
    assert container["environmentVariables"] == [{"name": "KEY", "secureValue": KEY}]
    assert KEY not in "".join(path.read_text() for path in attached.state.rglob("*.json"))
    assert attached.run("stack", "output", "version", "-s", "dev").strip() == "2025-09-01"

    for command in (("preview",), ("preview", "--refresh")):
        azure.next("POST", 200, {"value": []})
        assert attached.changes(*command) == {"same": 4}, command

    container["image"] = "someone:else"
    assert 'image: "image" => "someone:else"' in attached.run("refresh", "--preview-only", "--diff", "-s", "dev")
    for _ in range(2):
        azure.next("POST", 200, {"value": []})
    attached.up("--refresh")
    assert azure.resources[CONTAINERS]["properties"]["containers"][0]["properties"]["image"] == "image"

    attached.run("destroy", "--yes", "-s", "dev")
    assert azure.resources == {}


def test_the_engine_finds_the_launcher_through_a_link_in_its_home(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, PROGRAM)
    folder = workspace.home / "plugins" / f"resource-azure-native-v{version('pulumi-azure-native')}"
    folder.mkdir(parents=True)
    (folder / LAUNCHER.name).symlink_to(LAUNCHER)

    shown = workspace.run("preview", "-s", "dev")

    assert "4 to create" in shown
    assert "warning" not in shown
