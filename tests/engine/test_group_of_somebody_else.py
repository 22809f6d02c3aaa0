"""A pipeline with the roles of docs/azure.md, and no others, in a group that somebody else made: up, preview, down, up.

All that the program has but what needs Docker, under the real engine. The walk (`make walk`) has the rest too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.needs.test_rights import GROUP, RBAC, WHOLE
from tests.pluginbase.workspace import Workspace
from tests.standin.authorization.principals import SUBSCRIPTION, Person, custom_role, registered
from tests.standin.running import RunningStandin, running_standin

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("blob", "keyvault", "machinelearning", "containerregistry", "iothub")
SETTINGS = f"plugins: {{providers: [{{name: mledge, path: {ROOT / 'infra' / 'provider'}}}]}}\n"
PROGRAM = """
import pulumi
from pulumi.runtime import config
from infra import program as composed
from infra.components.foundation import check_existing
from infra.components.serving.image_puller import ImagePuller, ImagePullerArgs
from infra.components.site import Site
from infra.components.storage import Storage, StorageArgs
from infra.components.iot_hub import IotHub, IotHubArgs
from infra.deployer import Deployer
from infra.settings.load import load
from cloud.naming import Names

settings = load(config.CONFIG.get())
check_existing(settings.existing_group, settings.location)
deployer = Deployer.signed_in()
names = Names.derive(project="edgeway", environment="dev", stack="dev", subscription_id=deployer.subscription_id,
                     existing_group=settings.existing_group)
foundation = composed._foundation(settings, names, {})
site = Site(subscription_id=deployer.subscription_id, tenant_id=deployer.tenant_id, location=settings.location,
            resource_group_name=foundation.group_name, tags={"environment": "dev"})
storage = Storage("storage", StorageArgs(site=site, account_name=names.storage_account, protect=False))
registry = composed._registry(settings, [], names, site)
hub = IotHub("hub", IotHubArgs(site=site, hub_name=names.iot_hub, settings=settings.iot_hub, protect=False))
operators = composed._operators(settings, site, deployer, hub, storage)
composed._workspace(settings, names, site, foundation, storage, registry)
ImagePuller("scoring", ImagePullerArgs(site=site, foundation=foundation, identity_name=names.identity("scoring"),
                                       registry=registry, settle_seconds=0))
composed._devices(settings, hub, operators)
pulumi.export("vault", names.key_vault)
"""
CONFIG = {
    "environment": "dev",
    "location": "westeurope",
    "edgeRuntime": "1.6.1",
    "roleSettleSeconds": "0",
    "models": json.dumps([{"name": "anomaly", "train": {"data": {"source": "none"}}}]),
    "devices": json.dumps([{"id": "edge-01", "tags": {"model": "anomaly"}}]),
    "existing": json.dumps({"resourceGroup": "rg-theirs"}),
}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    with (
        running_standin(tmp_path_factory.mktemp("standin"), services=SERVICES) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name in ("https_proxy", "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        for name, value in running.environment.items():
            patch.setenv(name, value)
        assert running.arm("PUT", GROUP, {"location": "westeurope", "tags": {"owner": "them"}}).status_code == 201
        yield running


@pytest.fixture
def workspace(azure: RunningStandin, tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path, PROGRAM, project="edgeway", settings=SETTINGS)
    made.environment.update(azure.environment)
    made.launcher(tmp_path / "bin" / "pulumi-resource-azure-native", "standin.plugin")
    made.environment["PATH"] = f"{tmp_path / 'bin'}:{made.environment['PATH']}"
    for key, value in CONFIG.items():
        made.set(f"edgeway:{key}", value)
    return made


def signed_in(workspace: Workspace, person: Person) -> None:
    for name in ("AZURE", "ARM"):
        workspace.environment[f"{name}_CLIENT_ID"] = person.registered.client_id
        workspace.environment[f"{name}_CLIENT_SECRET"] = person.registered.client_secret


def left(azure: RunningStandin) -> list[str]:
    listed = azure.arm("GET", f"{GROUP}/resources").json()["value"]
    deleted = azure.arm("GET", f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults").json()["value"]
    return [str(one["id"]) for one in (*listed, *deleted)]


def roles_at_the_group(azure: RunningStandin) -> int:
    path = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments"
    return len(azure.arm("GET", path + "?$filter=atScope()", version="2022-04-01").json()["value"])


@pytest.mark.long  # what each role may: tests/cli/needs/test_rights.py
def test_the_pages_roles_are_enough_for_up_a_readers_preview_down_and_up_again(
    azure: RunningStandin, workspace: Workspace
) -> None:
    pipeline, reader = registered(azure, "pipeline"), registered(azure, "reader")
    pipeline.given("Contributor", GROUP)
    pipeline.given(RBAC, GROUP, str(WHOLE.assigns))
    pipeline.given(custom_role(azure, "edgeway deployer", SUBSCRIPTION, actions=[*WHOLE.actions]), SUBSCRIPTION)
    reader.given("Reader", GROUP)
    given = roles_at_the_group(azure)
    operator = {"principalId": pipeline.object_id, "type": "ServicePrincipal"}
    workspace.set("edgeway:operators", json.dumps([operator]))

    signed_in(workspace, pipeline)
    workspace.up("--skip-preview")
    made = sorted(left(azure))
    assert len(made) > 8
    signed_in(workspace, reader)
    assert set(workspace.changes("preview")) == {"same"}
    signed_in(workspace, pipeline)
    workspace.run("destroy", "--yes", "--skip-preview", "-s", "dev")
    assert left(azure) == []
    assert azure.arm("GET", GROUP).json()["tags"] == {"owner": "them"}
    assert roles_at_the_group(azure) == given
    workspace.up("--skip-preview")
    assert sorted(left(azure)) == made
