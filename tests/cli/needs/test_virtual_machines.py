"""Room for devices that are virtual machines, and the rights that making them wants."""

from __future__ import annotations

from typing import Any

import pytest

from cli.needs.need import Need
from cli.needs.rights import Caller, rights
from cli.needs.room import FOR_MACHINES, TYPES, registrations
from cli.needs.virtual_machines import virtual_machines
from tests.cli.needs.fake_azure import azure

FAMILY = "standardBsv2Family"


def sku(name: str, **capabilities: str) -> dict[str, Any]:
    told = {"vCPUs": "2", "HyperVGenerations": "V1,V2", "CpuArchitectureType": "x64", **capabilities}
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "family": FAMILY,
        "capabilities": [{"name": key, "value": value} for key, value in told.items()],
    }


SKUS = [
    sku("Standard_B2s_v2"),
    sku("Standard_D2ps_v5", CpuArchitectureType="Arm64"),
    sku("Standard_D2_v2", HyperVGenerations="V1"),
    sku("Standard_NC4as_T4_v3", TrustedLaunchDisabled="True"),
]


def device(name: str = "vm-01", **host: Any) -> dict[str, Any]:
    return {"id": name, "host": {"kind": "vm", **host}}


def found(*devices: dict[str, Any], used: int = 0, limit: int = 10, **answers: Any) -> dict[str, Need]:
    usages = [{"name": {"value": name}, "currentValue": used, "limit": limit} for name in (FAMILY, "cores")]
    given = {"skus": {"value": SKUS}, "usages": {"value": usages}, **answers}
    needs = virtual_machines(azure(given, config={"devices": list(devices)}))
    return {one.name: one for one in needs}


def test_the_machines_have_to_fit_into_the_cores_of_their_family_and_of_all() -> None:
    needs = found(device(), device("vm-02"), used=6)
    assert (needs["size of vm-01"].ok, needs["size of vm-01"].found) == (True, "Standard_B2s_v2: 2 cores")
    told = "6 of 10 cores in use in westeurope, 4 more are wanted"
    assert [needs[name].found for name in (f"quota {FAMILY}", "quota of all cores")] == [told, told]
    assert needs[f"quota {FAMILY}"].ok and not found(device(), used=9)[f"quota {FAMILY}"].ok


def test_a_machine_that_is_there_is_not_wanted_twice() -> None:
    there: dict[str, Any] = {f"virtualMachines/{azure({}).names.machine('vm-01')}": {}}
    assert found(device(), used=10, **there)["quota of all cores"].ok


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("Standard_B96s_v2", "Standard_B96s_v2: not for this subscription in westeurope"),
        ("Standard_D2ps_v5", "Standard_D2ps_v5: 2 cores, of Arm64: packages and images are for x64"),
        ("Standard_D2_v2", "Standard_D2_v2: 2 cores, without trusted launch, which the program asks for"),
        ("Standard_NC4as_T4_v3", "Standard_NC4as_T4_v3: 2 cores, without trusted launch, which the program asks for"),
    ],
)
def test_a_size_that_cannot_boot_what_the_program_gives_it_is_a_finding(size: str, why: str) -> None:
    need = found(device(size=size))["size of vm-01"]
    assert (need.ok, need.found) == (False, why)


def test_a_stack_without_such_a_device_is_asked_nothing() -> None:
    assert virtual_machines(azure({}, config={"devices": [{"id": "edge-01", "host": "external"}]})) == []


def test_only_a_stack_with_such_a_device_needs_compute_and_network_registered() -> None:
    answers = {namespace: {"registrationState": "Registered"} for namespace in (*TYPES, *FOR_MACHINES)}
    without = [one.name for one in registrations(azure(answers))]
    with_one = [one.name for one in registrations(azure(answers, config={"devices": [device()]}))]
    assert with_one == [*without[:-1], *FOR_MACHINES, "region"]


def test_rights_for_machines_are_wanted_of_stacks_that_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Caller, "_token", "token")
    monkeypatch.setattr("cli.needs.rights.object_id_of", lambda _: "o")
    monkeypatch.setattr("cli.needs.rights.principal_type_of", lambda _: "User")
    most = [{"actions": ["*"], "notActions": ["Microsoft.Compute/*"]}]
    vault = f"vaults/{azure({}, existing='rg').names.key_vault}"
    answers = {
        "permissions": {"value": most}, "roleAssignments": {"value": []}, "resourceGroups/rg": {}, vault: {},
    }  # fmt: skip

    needs = {one.name: one for one in rights(azure(answers, existing="rg", config={"devices": [device()]}))}
    assert needs["right to make resources"].found.startswith("missing: Microsoft.Compute/virtualMachines/read")
    data = needs[f"data role at {azure({}, existing='rg').names.key_vault}"]
    assert "Microsoft.KeyVault/vaults/secrets/getSecret/action" in data.found
    assert all(one.ok for one in rights(azure(answers, existing="rg")))
