"""Machines of Azure ML: sizes that a region has, and cores of a family, which clusters and endpoints share."""

from __future__ import annotations

from typing import Any

from cli.needs.clusters import machines_of_clusters
from cli.needs.machines import machine_needs
from cli.needs.need import Need
from cli.needs.online import machines_of_endpoints
from tests.cli.needs.fake_azure import azure

SIZES = {
    "value": [
        {"name": "Standard_DS2_v2", "family": "standardDSv2Family", "vCPUs": 2, "memoryGB": 7.0},
        {"name": "STANDARD_DS3_V2", "family": "standardDSv2Family", "vCPUs": 4, "memoryGB": 14.0},
        {"name": "Standard_F4s_v2", "family": "standardFSv2Family", "vCPUs": 4, "memoryGB": 8.0},
    ]
}
QUOTA = "quota standardDSv2Family"


def usages(used: int = 0, limit: int = 24) -> dict[str, Any]:
    names = ("Standard DSv2 Family Cluster Dedicated vCPUs", "Total Cluster Dedicated Regional vCPUs")
    return {"value": [{"name": {"value": name}, "currentValue": used, "limit": limit} for name in names]}


def found(
    *endpoints: dict[str, Any], computes: object = (), usage: dict[str, Any] | None = None, **there: Any
) -> dict[str, Need]:
    """By name. `there`: answers of what exists already."""
    models = [{"name": f"m{index}", "endpoints": [one]} for index, one in enumerate(endpoints)]
    given = {"vmSizes": SIZES, "usages": usage or usages(), **there}
    place = azure(given, config={"models": models, "computes": computes})
    needs = machine_needs(place, [*machines_of_clusters(place), *machines_of_endpoints(place)])
    return {need.name: need for need in needs}


def cluster(name: str = "cpu", **more: Any) -> dict[str, Any]:
    return {"kind": "cluster", "name": name, **more}


def online(**more: Any) -> dict[str, Any]:
    return {"kind": "online", **more}


def test_twice_the_machines_of_an_endpoint_and_a_fifth_more_have_to_fit_into_the_familys_cores() -> None:
    # 5 and a fifth are 6 machines of 4 cores, twice
    five = online(instanceType="Standard_DS3_v2", instances=5)
    need = found(five, usage=usages(4, 52))[QUOTA]
    assert need.ok
    assert need.found == (
        "48 of 52 cores in westeurope are wanted (48 for endpoint of m0 while it changes over); "
        "4 in use, 0 by this stack"
    )
    assert found(five, usage=usages(5, 52))[QUOTA].ok is False


def test_clusters_and_endpoints_of_one_family_count_together() -> None:
    # one instance is two with the fifth: 2 x 2 x 2 and 2 x 2 x 4 cores, beside a machine of 4
    both = (online(), online(instanceType="standard_ds3_v2"))
    assert found(*both)[QUOTA].ok
    need = found(*both, computes=[cluster()])[QUOTA]
    assert (need.ok, need.found.partition(" cores")[0]) == (False, "28 of 24")
    assert found(computes=[cluster("a", maxNodes=4), cluster("b", maxNodes=3)])[QUOTA].ok is False


def test_machines_that_run_already_are_not_wanted_twice() -> None:
    deployments = f"onlineEndpoints/{azure({}).names.online_endpoint('m0')}/deployments"
    there = {
        deployments: {"value": [{"sku": {"capacity": 1}}]},
        "computes/cpu": {"properties": {"properties": {"currentNodeCount": 1}}},
    }
    need = found(online(), computes=[cluster()], usage=usages(8, 12), **there)[QUOTA]
    assert (need.ok, need.found.rpartition("; ")[2]) == (True, "8 in use, 8 by this stack")
    assert found(online(), computes=[cluster()], usage=usages(8, 12))[QUOTA].ok is False


def test_what_azure_does_not_tell_is_no_finding_and_a_size_that_it_lacks_is_one() -> None:
    assert found(online(instanceType="Standard_F4s_v2"))["quota standardFSv2Family"].ok is None
    needs = found(online(instanceType="Standard_E2s_v3"), computes=[cluster(size="Standard_NC6")])
    assert {name: (need.ok, need.found) for name, need in needs.items()} == {
        "size of cluster cpu": (False, "Standard_NC6: not in westeurope"),
        "size of endpoint of m0 while it changes over": (False, "Standard_E2s_v3: not in westeurope"),
    }
    assert found(computes=[cluster()])["size of cluster cpu"].found == "Standard_DS3_v2: 4 cores, 14 GB"


def test_a_stack_without_clusters_and_endpoints_is_asked_nothing() -> None:
    assert found(usages=AssertionError, vmSizes=AssertionError) == {}
