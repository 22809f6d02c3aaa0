"""Room for the machines of online endpoints: twice as many as serve, for a change over."""

from __future__ import annotations

from typing import Any

import pytest

from cli.needs.need import Need
from cli.needs.online import online_quota
from cli.needs.rights import Caller, rights
from tests.cli.needs.fake_azure import azure

SIZES = {
    "value": [
        {"name": "Standard_DS2_v2", "family": "standardDSv2Family", "vCPUs": 2},
        {"name": "Standard_DS3_v2", "family": "standardDSv2Family", "vCPUs": 4},
        {"name": "Standard_F4s_v2", "family": "standardFSv2Family", "vCPUs": 4},
    ]
}


def usages(used: int = 0, limit: int = 24) -> dict[str, Any]:
    names = ("Standard DSv2 Family Cluster Dedicated vCPUs", "Total Cluster Dedicated Regional vCPUs")
    return {"value": [{"name": {"value": name}, "currentValue": used, "limit": limit} for name in names]}


def found(*endpoints: dict[str, Any], usage: dict[str, Any] | None = None, **answers: Any) -> list[Need]:
    models = [{"name": f"m{index}", "endpoints": [one]} for index, one in enumerate(endpoints)]
    given = {"vmSizes": SIZES, "usages": usage or usages(), **answers}
    return online_quota(azure(given, config={"models": models}))


def online(**more: Any) -> dict[str, Any]:
    return {"kind": "online", **more}


def test_twice_the_machines_and_a_fifth_more_have_to_fit_into_the_familys_cores() -> None:
    # 5 and a fifth are 6 machines of 4 cores, twice
    (need,) = found(online(instanceType="Standard_DS3_v2", instances=5), usage=usages(4, 52))
    assert (need.name, need.ok) == ("quota standardDSv2Family", True)
    assert need.found == "4 of 52 cores in use in westeurope, 48 more are wanted while a model changes over"
    (need,) = found(online(instanceType="Standard_DS3_v2", instances=5), usage=usages(5, 52))
    assert need.ok is False


def test_endpoints_of_one_family_count_together() -> None:
    # one machine is two with the fifth: 2 x 2 x 2 and 2 x 2 x 4 cores
    (need,) = found(online(), online(instanceType="standard_ds3_v2"))
    assert need.found.startswith("0 of 24 cores in use in westeurope, 24 more are wanted")
    assert need.ok


def test_machines_that_serve_already_are_not_wanted_twice() -> None:
    there: dict[str, Any] = {f"onlineEndpoints/{azure({}).names.online_endpoint('m0')}": {}}
    (need,) = found(online(), usage=usages(4, 8), **there)
    assert (need.ok, need.found) == (
        True,
        "4 of 8 cores in use in westeurope, 4 more are wanted while a model changes over",
    )


def test_what_azure_does_not_tell_is_no_finding_and_a_size_that_it_lacks_is_one() -> None:
    (need,) = found(online(instanceType="Standard_F4s_v2"))
    assert (need.name, need.ok) == ("quota standardFSv2Family", None)
    (need,) = found(online(instanceType="Standard_E2s_v3"))
    assert (need.name, need.ok, need.found) == ("size Standard_E2s_v3", False, "westeurope does not have it")


def test_a_stack_without_such_an_endpoint_is_asked_nothing() -> None:
    assert online_quota(azure({})) == []


def test_rights_for_online_endpoints_are_wanted_of_stacks_that_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Caller, "_token", "token")
    monkeypatch.setattr("cli.needs.rights.object_id_of", lambda _: "o")
    monkeypatch.setattr("cli.needs.rights.principal_type_of", lambda _: "User")
    most = [{"actions": ["*"], "notActions": ["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/*"]}]
    answers = {"permissions": {"value": most}, "roleAssignments": {"value": []}}

    making, *_ = rights(azure(answers, existing="rg", config={"models": [{"name": "m", "endpoints": [online()]}]}))
    assert making.ok is False
    assert "onlineEndpoints/read" in making.found
    making, *_ = rights(azure(answers, existing="rg"))
    assert making.ok
