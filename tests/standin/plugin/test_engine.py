"""azure-native programs under the real engine, with this plugin in the place of the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pluginbase.server import start
from pluginbase.servicer import Servicer
from standin.plugin.invokes import invokes
from standin.plugin.kinds import KINDS
from standin.plugin.resource import AzureResource, canonical
from tests.pluginbase.workspace import Workspace
from tests.standin.plugin.conftest import TinyAccount
from tests.standin.plugin.sample_ids import GROUP, KEY
from tests.standin.plugin.tiny_arm import Answer, TinyArm
from tools.pending import taken_up, told, unanswered

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


def cut_off(attached: Workspace, *types: str) -> None:
    """As if the engine had been killed while it made these."""
    file = attached.state / ".pulumi" / "stacks" / "shop" / "dev.json"
    state = json.loads(file.read_text())  # an import of a state would drop what is pending
    latest, operations = state["checkpoint"]["latest"], []
    for one in [one for one in latest["resources"] if one["type"].endswith(types)]:
        latest["resources"].remove(one)
        resource = {key: value for key, value in one.items() if key not in ("id", "outputs", "created", "modified")}
        operations.append({"resource": resource, "type": "creating"})
    latest["pending_operations"] = operations
    file.write_text(json.dumps(state))


def take_up(attached: Workspace, log: Path | None = None) -> None:
    state = json.loads(attached.run("stack", "export", "-s", "dev"))
    events = [json.loads(line) for line in log.read_text().splitlines()] if log else []
    file = attached.folder / "state.json"
    file.write_text(json.dumps({**state, "deployment": taken_up(state["deployment"], {}, unanswered(events))}))
    attached.run("stack", "import", "--file", str(file), "-s", "dev")


def left_open(attached: Workspace) -> list[str]:
    return list(told(json.loads(attached.run("stack", "export", "-s", "dev"))["deployment"]))


def test_what_azure_made_of_a_create_that_was_cancelled_is_taken_up_and_destroyed(
    attached: Workspace, azure: TinyArm, account: TinyAccount
) -> None:
    def put(path: str, sent: dict[str, Any]) -> Answer | None:
        azure.script.append(("PUT", put))
        stored = azure.store(path, sent)
        if path != CONTAINERS:
            return 201, {}, stored
        account.cancelled.set()  # while the plugin waits for its next try
        return None

    azure.script.append(("PUT", put))
    log = attached.folder / "events"
    attached.environment.update(PULUMI_DEBUG_COMMANDS="true", PULUMI_EXPERIMENTAL="true")
    azure.next("POST", 200, {"value": []})
    attached.up("--event-log", str(log), succeeds=False)
    account.cancelled.clear()

    assert left_open(attached) == []
    take_up(attached, log)
    assert left_open(attached) == ["creating ContainerGroup containers"]
    attached.run("refresh", "--yes", "-s", "dev")
    assert left_open(attached) == []
    attached.run("destroy", "--yes", "-s", "dev")
    assert azure.resources == {}


def test_what_a_killed_engine_was_making_is_taken_up_where_it_is_there_and_made_where_it_is_not(
    attached: Workspace, azure: TinyArm
) -> None:
    def up(**options: bool) -> str:
        for _ in range(2):
            azure.next("POST", 200, {"value": []})
        return attached.up(**options)

    up()
    cut_off(attached, ":ContainerGroup", ":IotHubResource")
    azure.resources.pop(f"{GROUP}/providers/Microsoft.Devices/IotHubs/iot")
    take_up(attached)
    attached.run("refresh", "--yes", "-s", "dev")
    assert "1 created" in up()
    azure.next("POST", 200, {"value": []})
    assert attached.changes("preview") == {"same": 4}
    cut_off(attached, ":ContainerGroup")
    assert "cannot create already existing resource" in up(succeeds=False)


def test_the_engine_finds_the_launcher_through_a_link_in_its_home(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, PROGRAM)
    folder = workspace.home / "plugins" / f"resource-azure-native-v{version('pulumi-azure-native')}"
    folder.mkdir(parents=True)
    (folder / LAUNCHER.name).symlink_to(LAUNCHER)

    shown = workspace.run("preview", "-s", "dev")

    assert "4 to create" in shown
    assert "warning" not in shown
