"""A cluster, its extension, its attaching and an endpoint by azure-native's own types through the real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

from pluginbase.server import start
from pluginbase.servicer import Servicer
from standin.plugin.account import Account
from standin.plugin.invokes import invokes
from standin.plugin.kinds import KINDS
from standin.plugin.resource import AzureResource, canonical
from tests.pluginbase.workspace import Workspace
from tests.standin.kubernetesconfiguration.clusters import CNAME, protected
from tests.standin.machinelearning.workspace import BASE, GROUP, WORKSPACE
from tests.standin.opened import at_port_443
from tests.standin.running import RunningStandin

pytestmark = [pytest.mark.engine, at_port_443]

PROGRAM = f"""
import pulumi
from pulumi_azure_native import containerservice as aks, kubernetesconfiguration, machinelearningservices as ml

config = pulumi.Config()
place = {{"resource_group_name": "{GROUP}", "location": "westeurope"}}
cluster = aks.ManagedCluster("cluster", resource_name_="engine", dns_prefix="engine", **place,
    identity=aks.ManagedClusterIdentityArgs(type=aks.ResourceIdentityType.SYSTEM_ASSIGNED),
    node_resource_group="rg-nodes", disable_local_accounts=False,
    agent_pool_profiles=[aks.ManagedClusterAgentPoolProfileArgs(
        name="system", mode="System", vm_size="Standard_D2s_v3", count=config.require_int("nodes"))])
extension = kubernetesconfiguration.Extension("extension", resource_group_name="{GROUP}",
    cluster_rp="Microsoft.ContainerService", cluster_resource_name="managedClusters", cluster_name="engine",
    extension_name="azureml", extension_type="Microsoft.AzureML.Kubernetes", release_train="stable",
    scope=kubernetesconfiguration.ScopeArgs(
        cluster=kubernetesconfiguration.ScopeClusterArgs(release_namespace="azureml")),
    configuration_settings={{"enableInference": "True", "inferenceRouterServiceType": "LoadBalancer",
                            "sslCname": "{CNAME}"}},
    configuration_protected_settings={{
        name: config.require_secret(name) for name in ("scoringFe.sslCert", "scoringFe.sslKey")}},
    opts=pulumi.ResourceOptions(depends_on=[cluster]))
compute = ml.Compute("compute", compute_name="k8s-engine", workspace_name="{WORKSPACE}", **place,
    properties=ml.KubernetesArgs(compute_type="Kubernetes", resource_id=cluster.id,
        properties=ml.KubernetesPropertiesArgs(namespace="azureml")),
    opts=pulumi.ResourceOptions(depends_on=[extension]))
endpoint = ml.OnlineEndpoint("endpoint", endpoint_name="ep-engine", workspace_name="{WORKSPACE}", kind="Kubernetes",
    **place, identity=ml.ManagedServiceIdentityArgs(type="SystemAssigned"),
    properties=ml.OnlineEndpointPropertiesArgs(auth_mode="Key", compute=compute.id))
pulumi.export("kubelet", cluster.identity_profile.apply(lambda one: one["kubeletidentity"].object_id if one else None))
"""


@pytest.fixture
def engine(tmp_path: Path, azure: RunningStandin, client: MachineLearningServicesMgmtClient) -> Iterator[Workspace]:
    """A workspace whose engine finds the plugin running in this process, in front of the stand-in."""
    account = Account()
    servicer = Servicer(
        "azure-native",
        version("pulumi-azure-native"),
        [AzureResource(kind, account) for kind in KINDS],
        invokes=invokes(account),
        on_configure=account.configure,
        canonical=canonical,
    )
    server, port = start(servicer)
    workspace = Workspace(tmp_path, PROGRAM)
    own = ("ARM_", "AZURE_")
    workspace.environment |= {name: value for name, value in os.environ.items() if name.startswith(own)}
    workspace.environment["PULUMI_DEBUG_PROVIDERS"] = f"azure-native:{port}"
    yield workspace
    servicer.engine.close()
    server.stop(0).wait()


def test_a_cluster_its_extension_and_an_endpoint_live_through_the_real_engine(
    engine: Workspace, azure: RunningStandin
) -> None:
    engine.run("config", "set", "nodes", "3", "-s", "dev")
    _certificate(engine)
    engine.up()
    assert len(engine.run("stack", "output", "kubelet", "-s", "dev").strip()) == 36
    for command in (("preview",), ("preview", "--refresh")):
        assert engine.changes(*command) == {"same": 5}, command
    engine.run("config", "set", "nodes", "4", "-s", "dev")
    assert engine.changes("preview") == {"same": 4, "update": 1}
    _certificate(engine)
    assert engine.changes("preview") == {"same": 3, "update": 2}
    engine.up()
    assert engine.changes("preview", "--refresh") == {"same": 5}
    engine.run("destroy", "--yes", "-s", "dev")
    clusters = azure.arm("GET", f"{BASE}/Microsoft.ContainerService/managedClusters").json()["value"]
    assert [one["name"] for one in clusters if one["name"] == "engine"] == []


def _certificate(engine: Workspace) -> None:
    for name, value in protected(CNAME).items():
        engine.run("config", "set", "--secret", f"shop:{name}", value, "-s", "dev")
