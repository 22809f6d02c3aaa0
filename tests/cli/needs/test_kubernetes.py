"""Room for clusters of Kubernetes, and in them."""

from __future__ import annotations

from typing import Any

import pytest

from cli.needs.kubernetes import kubernetes
from cli.needs.need import Need
from cli.needs.rights import Caller, rights
from cli.needs.room import FOR_KUBERNETES, TYPES, registrations
from tests.cli.needs.fake_azure import azure

CLUSTER = {"name": "aks", "kind": "kubernetes"}


def sku(name: str, family: str, cores: int, *barred: str) -> dict[str, Any]:
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "family": family,
        "capabilities": [{"name": "vCPUs", "value": str(cores)}],
        "restrictions": [{"type": one} for one in barred],
    }


SKUS = {
    "value": [
        sku("Standard_D4s_v3", "standardDSv3Family", 4, "Zone"),
        sku("Standard_D8s_v3", "standardDSv3Family", 8),
        sku("Standard_E4s_v5", "standardESv5Family", 4, "Location"),
        {"resourceType": "disks", "name": "Premium_LRS"},
    ]
}


def usages(used: int, limit: int) -> dict[str, Any]:
    names = ("standardDSv3Family", "cores")
    return {"value": [{"name": {"value": name}, "currentValue": used, "limit": limit} for name in names]}


def found(*clusters: dict[str, Any], usage: dict[str, Any], models: Any = (), **answers: Any) -> dict[str, Need]:
    given = {"skus": SKUS, "usages": usage, **answers}
    needs = kubernetes(azure(given, config={"computes": list(clusters), "models": list(models)}))
    return {one.name: one for one in needs}


def test_the_machines_and_one_for_akss_upgrades_have_to_fit_into_the_cores_of_the_family_and_of_all() -> None:
    needs = found(CLUSTER, usage=usages(4, 20))
    assert needs["size of aks"].found == "Standard_D4s_v3: 4 cores"
    told = "4 of 20 cores in use in westeurope, 16 more are wanted, AKS's upgrades among them"
    assert [(needs[name].ok, needs[name].found) for name in ("quota standardDSv3Family", "quota of all cores")] == [
        (True, told),
        (True, told),
    ]
    assert found(CLUSTER, usage=usages(5, 20))["quota standardDSv3Family"].ok is False


def test_the_machines_of_a_cluster_that_is_there_are_not_wanted_twice() -> None:
    there: dict[str, Any] = {f"managedClusters/{azure({}).names.kubernetes_cluster('aks')}": {}}
    assert found(CLUSTER, usage=usages(12, 16), **there)["quota standardDSv3Family"].ok


def test_many_machines_are_upgraded_a_tenth_at_a_time() -> None:
    needs = found({**CLUSTER, "size": "standard_d8s_v3", "nodes": 25}, usage=usages(0, 1000))
    assert "224 more are wanted" in needs["quota standardDSv3Family"].found  # 25 and 3 machines of 8 cores


def test_a_size_that_the_subscription_may_not_have_is_a_finding_and_a_quota_that_nobody_tells_is_none() -> None:
    needs = found({**CLUSTER, "size": "Standard_E4s_v5"}, usage=usages(0, 100))
    assert (needs["size of aks"].ok, needs["size of aks"].found) == (
        False,
        "Standard_E4s_v5: not for this subscription in westeurope",
    )
    assert found(CLUSTER, usage={"value": []})["quota standardDSv3Family"].ok is None


@pytest.mark.parametrize(("replicas", "fits"), [(8, True), (9, False)])
def test_twice_the_replicas_of_all_endpoints_have_to_fit_into_the_cluster_beside_azure_mls_own(
    replicas: int, fits: bool
) -> None:
    endpoint = {"kind": "kubernetes", "compute": "aks", "replicas": replicas, "cpu": 0.25}
    models = [{"name": f"m{index}", "endpoints": [endpoint, {"kind": "online"}]} for index in range(2)]
    need = found(CLUSTER, usage=usages(0, 100), models=models)["room in aks"]
    assert need.ok is fits
    # 3 x 4 cores without 4
    assert need.found.startswith(f"{replicas:g} of 8 cores are wanted by replicas while models change over")


def test_a_stack_without_such_a_cluster_is_asked_nothing() -> None:
    assert kubernetes(azure({}, config={"computes": [{"name": "cpu", "kind": "cluster"}]})) == []


def test_only_a_stack_with_such_a_cluster_needs_what_aks_is_made_of_registered() -> None:
    answers = {namespace: {"registrationState": "Registered"} for namespace in (*TYPES, *FOR_KUBERNETES)}
    without = [one.name for one in registrations(azure(answers))]
    assert [one.name for one in registrations(azure(answers, config={"computes": [CLUSTER]}))] == [
        *without[:-1],
        *FOR_KUBERNETES,
        "region",
    ]


def test_rights_for_kubernetes_are_wanted_of_stacks_that_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Caller, "_token", "token")
    monkeypatch.setattr("cli.needs.rights.object_id_of", lambda _: "o")
    monkeypatch.setattr("cli.needs.rights.principal_type_of", lambda _: "User")
    most = [
        {
            "actions": ["*"],
            "notActions": ["Microsoft.ContainerService/*", "Microsoft.Network/*", "*/computes/*", "*/jobs/*"],
        }
    ]
    answers = {"permissions": {"value": most}, "roleAssignments": {"value": []}}

    making, _, purging, *_ = rights(azure(answers, existing="rg", config={"computes": [CLUSTER]}))
    assert "computes/read" in making.found
    assert "jobs" not in making.found
    assert "Microsoft.Network/publicIPAddresses/read" in purging.found
    making, _, purging, *_ = rights(azure(answers, existing="rg"))
    assert (making.ok, purging.ok) == (True, True)
