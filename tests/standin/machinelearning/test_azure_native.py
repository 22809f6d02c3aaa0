"""The azure-native plugin against clusters and environments, as the program declares them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

from pluginbase.resource import Gone
from standin.plugin.account import Account
from tests.standin.machinelearning.workspace import GROUP, WORKSPACE
from tests.standin.plugin.conftest import operation, resource

pytestmark = pytest.mark.slow

CLUSTER: dict[str, Any] = {
    "vmSize": "Standard_DS2_v2",
    "vmPriority": "Dedicated",
    "osType": "Linux",
    "enableNodePublicIp": True,
    "remoteLoginPortPublicAccess": "Disabled",
    "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT180S"},
}
WIDER = {**CLUSTER, "scaleSettings": {**CLUSTER["scaleSettings"], "minNodeCount": 1}}
OF_CLUSTER = {"computeType": "AmlCompute", "computeLocation": "westeurope", "disableLocalAuth": True}
OWN = {"type": "SystemAssigned"}
ROUTE = {"path": "/score", "port": 5001}


@pytest.mark.parametrize(
    ("kind", "names", "made", "changed"),
    [
        (
            "Compute",
            {"computeName": "native"},
            {**OF_CLUSTER, "properties": CLUSTER},
            {**OF_CLUSTER, "properties": WIDER},
        ),
        (
            "EnvironmentVersion",
            {"name": "native", "version": "1"},
            {"image": "i@sha256:0", "osType": "Linux", "inferenceConfig": {"scoringRoute": ROUTE}},
            {"image": "i@sha256:0", "osType": "Linux", "inferenceConfig": {"scoringRoute": ROUTE}, "tags": {"a": "b"}},
        ),
        (
            "OnlineEndpoint",
            {"endpointName": "native", "location": "westeurope", "kind": "Managed", "identity": OWN},
            {"authMode": "Key", "publicNetworkAccess": "Enabled"},
            {"authMode": "Key", "publicNetworkAccess": "Enabled", "description": "d"},
        ),
    ],
)
def test_azure_native_makes_changes_reads_and_deletes_it(
    client: MachineLearningServicesMgmtClient,
    kind: str,
    names: dict[str, Any],
    made: dict[str, Any],
    changed: dict[str, Any],
) -> None:
    """What was made is no drift, and after its end there is nothing."""
    token = f"machinelearningservices:{kind}"
    native, context = resource(Account(), token), operation(token)
    given = {"resourceGroupName": GROUP, "workspaceName": WORKSPACE, **names, "properties": made}
    inputs, failures = native.check(context, {}, given)
    assert failures == []
    id_, state = native.create(context, inputs)
    assert native.read(context, id_, inputs, state)[1] == inputs
    wider = {**inputs, "properties": changed}
    state = native.update(context, id_, inputs, wider, state)
    assert native.read(context, id_, wider, state)[1] == wider
    native.delete(context, id_, wider, state)
    with pytest.raises(Gone):
        native.read(context, id_, wider, state)
