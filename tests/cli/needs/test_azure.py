"""What of Azure is told as missing, by the bodies that Azure's documentation shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cli.needs.names import names
from cli.needs.need import Need
from cli.needs.rights import Caller, rights
from cli.needs.room import TYPES, container_quota, container_sizes, free_hubs, registrations
from cli.needs.subscription import Place, unanswered
from cloud.errors import ServiceError
from tests.cli.needs.fake_azure import REFUSED, S, azure


def by_name(needs: list[Need]) -> dict[str, Need]:
    return {need.name: need for need in needs}


def marks(needs: list[Need]) -> dict[str, bool | None]:
    return {need.name: need.ok for need in needs}


def provider(*, state: str = "Registered", locations: tuple[str, ...] = ("West Europe", "East US")) -> dict[str, Any]:
    types = [{"resourceType": name, "locations": list(locations)} for several in TYPES.values() for name in several]
    return {"registrationState": state, "resourceTypes": types}


def test_registrations_that_lack_are_named_with_the_command() -> None:
    answers = {**{name: provider() for name in TYPES}, "Microsoft.Devices": provider(state="NotRegistered")}
    found = by_name(registrations(azure(answers)))
    need = found["Microsoft.Devices"]
    assert (need.ok, need.found) == (False, "NotRegistered")
    assert need.remedy == "az provider register --namespace Microsoft.Devices"
    assert found["region"].found == "westeurope has every type"


def test_a_type_that_the_region_lacks_is_named() -> None:
    answers = {**{name: provider() for name in TYPES}, "Microsoft.ContainerInstance": provider(locations=("East US",))}
    region = by_name(registrations(azure(answers)))["region"]
    assert (region.ok, region.found) == (False, "westeurope has no Microsoft.ContainerInstance/containerGroups")


def test_a_container_group_that_no_size_of_the_region_takes_is_told() -> None:
    def size(cpu: float, memory: float, system: str = "Linux") -> dict[str, Any]:
        return {"osType": system, "gpu": "None", "capabilities": {"maxCpu": cpu, "maxMemoryInGB": memory}}

    def found(*sizes: dict[str, Any]) -> Need:
        return container_sizes(azure({"capabilities": {"value": list(sizes)}}))[0]

    assert found(size(4.0, 16.0)).ok
    small = found(size(1.0, 16.0), size(4.0, 2.0), size(4.0, 16.0, "Windows"))
    assert (small.ok, small.found) == (
        False,
        "2 CPU, 3 GB; at most 1 CPU, 16 GB or 4 CPU, 2 GB in westeurope",
    )
    assert container_sizes(azure({}, config={"models": [{}]})) == []


def test_a_quota_that_is_used_up_is_told() -> None:
    usages = {
        "value": [
            {"name": {"value": "ContainerGroups"}, "currentValue": 100, "limit": 100},
            {"name": {"value": "Other"}, "currentValue": 1, "limit": 1},
        ]
    }
    (need,) = container_quota(azure({"usages": usages}))
    assert (need.ok, need.found) == (False, "100 of 100 in westeurope")


def test_a_free_hub_that_is_used_matters_to_a_stack_of_that_sku_and_not_where_it_is_its_own() -> None:
    used = {"usages": {"value": [{"name": {"value": "FreeHubCount"}, "currentValue": 1, "limit": 1}]}}
    free = {"iotHub": {"sku": "F1"}}
    assert free_hubs(azure(used, config={"iotHub": {"sku": "S1"}})) == []
    assert marks(free_hubs(azure(used, config=free))) == {"free hubs": False}
    assert free_hubs(azure({**used, HUB: {}}, config=free))[0].ok


def global_names(answers: Mapping[str, Any] | None = None) -> dict[str, Need]:
    return by_name(names(azure({"checkNameAvailability": {"nameAvailable": True}, **(answers or {})})))


PLACE = azure({})
HUB, VAULT, WORKSPACE = PLACE.names.iot_hub, PLACE.names.key_vault, PLACE.names.workspace


def test_names_that_are_free_or_the_stacks_own_are_no_hindrance() -> None:
    assert set(marks(list(global_names().values())).values()) == {True}
    taken = {"nameAvailable": False, "reason": "AlreadyExists", "message": "in use"}
    ours = global_names({"checkNameAvailability": taken, f"/IotHubs/{HUB}": {}})
    assert ours[f"name {HUB}"].found == "this stack's"
    theirs = ours[f"name {PLACE.names.storage_account}"]
    assert (theirs.ok, theirs.found) == (False, "taken: in use")
    assert "Azure frees names late" in theirs.remedy


def test_a_vault_that_is_soft_deleted_is_asked_for_by_its_name() -> None:
    """As the list of deleted ones is empty, and no refusal, for who may not see them."""
    empty: dict[str, Any] = {f"{S}/providers/Microsoft.KeyVault/deletedVaults": {"value": []}}
    locked = global_names({**empty, f"/locations/westeurope/deletedVaults/{VAULT}": {}})["deleted vault"]
    assert (locked.ok, locked.remedy) == (False, f"az keyvault purge -n {VAULT}")
    unseen = global_names({**empty, f"/deletedVaults/{VAULT}": REFUSED})["deleted vault"]
    assert (unseen.ok, unseen.remedy) == (None, "ask for deletedVaults/read at the subscription")


def test_a_workspace_that_is_soft_deleted_says_so_itself() -> None:
    conflict = ServiceError("GET x", 409, "Conflict", "Soft-deleted workspace exists. Please purge or recover it")
    locked = global_names({f"/workspaces/{WORKSPACE}": conflict})["deleted workspace"]
    assert (locked.ok, locked.found) == (False, f"{WORKSPACE} is soft-deleted")
    assert global_names({f"/workspaces/{WORKSPACE}": REFUSED})["deleted workspace"].ok is None


@pytest.mark.parametrize(
    ("ask", "error", "ok"),
    [(names, REFUSED, None), (names, ServiceError("x", 400, "Bad", "no"), False)],
)
def test_what_may_not_be_asked_is_not_taken_for_missing(
    ask: Callable[[Place], list[Need]], error: ServiceError, ok: bool | None
) -> None:
    found = by_name(ask(azure({"checkNameAvailability": error})))
    assert found[f"name {HUB}"].ok is ok
    assert unanswered("roles", error, "ask").ok is ok


def test_a_list_that_goes_on_with_the_same_page_ends() -> None:
    page = {"value": [{"name": "a"}], "nextLink": "https://management.azure.com/x/list?$skiptoken=1"}
    with pytest.raises(ServiceError, match="a page that was there already"):
        list(azure({"/list": page}).listed("/x/list", "1"))


def test_rights_for_online_endpoints_are_wanted_of_stacks_that_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Caller, "_token", "token")
    monkeypatch.setattr("cli.needs.rights.object_id_of", lambda _: "o")
    monkeypatch.setattr("cli.needs.rights.principal_type_of", lambda _: "User")
    most = [{"actions": ["*"], "notActions": ["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/*"]}]
    models = [{"name": "m", "endpoints": [{"kind": "online"}]}]
    answers = {"permissions": {"value": most}, "roleAssignments": {"value": []}}

    making, *_ = rights(azure(answers, existing="rg", config={"models": models}))
    assert making.ok is False
    assert "onlineEndpoints/read" in making.found
    making, *_ = rights(azure(answers, existing="rg"))
    assert making.ok
