"""What the program makes of a cluster of kind kubernetes, and of an endpoint on it."""

from __future__ import annotations

import base64
from collections.abc import Callable

from dryrun import KUBERNETES_STACK, Plan
from infra.components.access import Role
from tests.infra.plans import resource

Planned = Callable[[str, str], Plan]


def test_the_router_speaks_https_alone_with_a_certificate_of_the_stacks_own(planned: Planned) -> None:
    plan = planned(KUBERNETES_STACK, "up")
    extension = resource(plan, "Extension", "aks")

    settings = extension["inputs"]["configurationSettings"]
    host = "aks-edgeway-aks-dev-6f107e.internal"
    assert (settings["sslCname"], settings["inferenceRouterServiceType"]) == (host, "LoadBalancer")
    assert (settings["enableInference"], settings["enableTraining"]) == ("True", "False")
    assert settings.keys() & {"allowInsecureConnections", "sslSecret", "sslCertPemFile", "sslKeyPemFile"} == set()
    assert {type(value) for value in settings.values()} == {str}
    # as Azure's command line sends the two files
    protected = extension["inputs"]["configurationProtectedSettings"]
    assert {name: base64.b64decode(value) for name, value in protected.items()} == {
        "scoringFe.sslCert": b"certificate",
        "scoringFe.sslKey": b"canary-private-key",
    }
    assert extension["secrets"] == ["configurationProtectedSettings.scoringFe.sslKey"]
    certificate = resource(plan, "Certificate", "aks")["inputs"]
    assert (certificate["dnsNames"], certificate["key"]) == ([host], "rsa2048")


def test_the_cluster_keeps_its_local_accounts_and_lets_in_whom_the_stack_names(planned: Planned) -> None:
    cluster = resource(planned(KUBERNETES_STACK, "up"), "ManagedCluster", "aks")

    inputs = cluster["inputs"]
    assert inputs["disableLocalAccounts"] is False
    assert inputs["apiServerAccessProfile"] == {"authorizedIPRanges": ["203.0.113.0/24"]}
    (pool,) = inputs["agentPoolProfiles"]
    assert (pool["vmSize"], pool["count"]) == ("Standard_D4s_v3", 3)
    # another size is another cluster, another number of machines is not
    replaces = cluster["options"]["replaceOnChanges"]
    assert "agentPoolProfiles[*].vmSize" in replaces
    assert not [path for path in replaces if "count" in path or path == "agentPoolProfiles"]


def test_the_attachment_is_replaced_by_any_change_of_it_and_says_as_little_as_it_can(planned: Planned) -> None:
    plan = planned(KUBERNETES_STACK, "up")
    compute = resource(plan, "Compute", "aks")

    named = {"computeName", "workspaceName", "resourceGroupName"}
    assert set(compute["inputs"]) - named == set(compute["options"]["replaceOnChanges"])
    properties = compute["inputs"]["properties"]
    assert properties["computeType"] == "Kubernetes"
    assert properties["resourceId"].endswith("/managedClusters/aks-edgeway-aks-dev-6f107e")
    assert properties["properties"].keys() == {"namespace", "defaultInstanceType", "extensionPrincipalId"}
    assert resource(plan, "Purge", "aks")["inputs"]["kind"] == "attachment"
    # an InstanceType that somebody makes in the cluster shows here after a refresh, and must take no endpoint away
    assert "properties.properties.instanceTypes" in compute["options"]["ignoreChanges"]


def test_what_aks_upgrades_by_itself_is_not_taken_back(planned: Planned) -> None:
    plan = planned(KUBERNETES_STACK, "up")
    cluster, extension = resource(plan, "ManagedCluster", "aks"), resource(plan, "Extension", "aks")
    assert cluster["inputs"]["autoUpgradeProfile"] == {"upgradeChannel": "patch", "nodeOSUpgradeChannel": "NodeImage"}
    ignored = ["kubernetesVersion", "agentPoolProfiles[*].orchestratorVersion"]
    assert (cluster["options"]["ignoreChanges"], extension["options"]["ignoreChanges"]) == (ignored, ["version"])


def test_the_endpoint_goes_with_its_attachment_which_goes_with_its_cluster(planned: Planned) -> None:
    plan = planned(KUBERNETES_STACK, "up")
    endpoint = resource(plan, "OnlineEndpoint", "anomaly")

    assert endpoint["inputs"]["kind"] == "Kubernetes"
    assert endpoint["inputs"]["properties"].keys() == {"authMode", "publicNetworkAccess", "compute"}
    assert "properties.compute" in endpoint["options"]["replaceOnChanges"]
    # so that a destroy ends them in the other order
    assert "mledge:azure:Purge aks" in endpoint["depends_on"]
    compute = resource(plan, "Compute", "aks")["depends_on"]
    assert "azure-native:kubernetesconfiguration:Extension aks" in compute
    assert "mledge:azure:Purge workspace" in compute


def test_each_identity_may_what_microsoft_names_and_nothing_else(planned: Planned) -> None:
    plan = planned(KUBERNETES_STACK, "up")

    granted = {
        one["name"]: one["inputs"]["roleDefinitionId"].rpartition("/")[2]
        for one in plan["resources"]
        if one["type"].endswith(":RoleAssignment") and one["name"].startswith(("aks-", "kubernetes-"))
    }
    assert granted == {
        "aks-machines-registry": Role.ACR_PULL,
        "aks-workspace-cluster": Role.READER,
        "aks-workspace-extension": Role.KUBERNETES_EXTENSION_CONTRIBUTOR,
        "aks-workspace-admin": Role.AKS_CLUSTER_ADMIN,
        "kubernetes-pull-registry": Role.ACR_PULL,
        "kubernetes-pull-blobs": Role.BLOB_DATA_READER,
    }
    waits = resource(plan, "Compute", "aks")["depends_on"]
    assert {"mledge:azure:RoleReady aks-machines", "mledge:azure:RoleReady aks-workspace"} <= set(waits)


def test_the_deployment_gets_the_size_of_its_replicas_and_where_they_are_asked(planned: Planned) -> None:
    plan = planned(KUBERNETES_STACK, "up")
    inputs = resource(plan, "OnlineModel", "anomaly")["inputs"]

    assert (inputs["instanceType"], inputs["instances"]) == ("defaultinstancetype", 3)
    assert (inputs["cpu"], inputs["memoryMb"]) == (0.5, 1536)
    assert (inputs["requestTimeoutSeconds"], inputs["concurrentRequests"]) == (3, 64)
    assert (inputs["caPem"], inputs["clusterId"].rpartition("/")[2]) == ("ca", "aks-edgeway-aks-dev-6f107e")
    # a renewed certificate is at the router before the model is asked by its CA
    waits = resource(plan, "OnlineModel", "anomaly")["depends_on"]
    assert "azure-native:kubernetesconfiguration:Extension aks" in waits
    environment = resource(plan, "EnvironmentVersion", "anomaly")["inputs"]
    assert "/environments/anomaly-kubernetes/versions/" in inputs["environmentId"]
    assert inputs["environmentId"] == environment["versionId"]
    served = plan["output_values"]["scoring"]["anomaly"]
    assert (served["ip"], served["caPem"]) == ("127.0.0.8", "ca")
    assert served["endpointId"].endswith("/onlineEndpoints/ek-anomaly-dev-6f107e")
    assert plan["output_values"]["scoringKeys"] == {}


def test_an_endpoint_and_its_deployment_have_62_characters_together_at_the_most(planned: Planned) -> None:
    inputs = resource(planned(KUBERNETES_STACK, "up"), "OnlineEndpoint", "anomaly")["inputs"]
    # of a name the most that `cloud.naming` gives, beside `m` and 12 digits
    assert len(inputs["endpointName"]) <= 32
    assert 32 + len("m0123456789ab") <= 62
