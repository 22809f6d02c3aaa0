"""What was under way when an `up` died is named; what it was making of Azure is taken up by its id."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tools.pending import MARK, main, ours, taken_up, told, unanswered

STACK = "urn:pulumi:local::edgeway::"
URN = f"{STACK}edgeway:infra:EdgeLayer$mledge:iothub:EdgeDeployment::anomaly"
SUBSCRIPTION = "a9665e3c-b2cb-5e2c-a99f-1703731262a2"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
CONTAINERS = "azure-native:containerinstance/v20250901:ContainerGroup"


def creating(token: str, **inputs: Any) -> dict[str, Any]:
    return {"type": "creating", "resource": {"urn": f"{STACK}{token}::one", "type": token, "inputs": inputs}}


def test_each_operation_is_named_by_what_it_did_to_what() -> None:
    operation = {"type": "updating", "resource": {"urn": URN, "type": "mledge:iothub:EdgeDeployment"}}
    assert list(told({"pending_operations": [operation]})) == ["updating EdgeDeployment anomaly"]


def test_a_state_of_a_whole_up_or_of_none_names_nothing() -> None:
    assert list(told({"manifest": {}, "resources": []})) == list(told({"pending_operations": None})) == []


def test_what_was_being_made_of_azures_stands_among_the_resources_under_the_id_that_it_would_have() -> None:
    group = creating(CONTAINERS, resourceGroupName="rg", containerGroupName="ci")
    updating = {**group, "type": "updating"}
    ours = creating("mledge:iothub:DeviceIdentity", deviceId="edge-01")
    there = [{"urn": "stack"}, {"urn": "group", "id": GROUP}]

    now = taken_up({"pending_operations": [group, updating, ours], "resources": there, "version": 1}, {})

    id = f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/ci"
    assert now["resources"] == [*there, {**group["resource"], "id": id, "outputs": {}, "initErrors": [MARK]}]
    assert (now["pending_operations"], now["version"]) == ([], 1)


def test_of_the_very_first_resource_the_subscription_is_the_users() -> None:
    first = {"pending_operations": [creating("azure-native:resources:ResourceGroup", resourceGroupName="rg")]}
    (resource,) = taken_up(first, {"ARM_SUBSCRIPTION_ID": SUBSCRIPTION})["resources"]
    assert resource["id"] == GROUP
    assert taken_up(first, {})["resources"] == []


def test_what_was_being_replaced_stands_where_its_placeholder_stood() -> None:
    group = creating(CONTAINERS, resourceGroupName="rg", containerGroupName="ci")
    placeholder = {"urn": group["resource"]["urn"], "pendingReplacement": True}
    rows = [{"urn": "group", "id": GROUP}, placeholder, {"urn": "needs it"}]

    now = taken_up({"pending_operations": [group], "resources": rows}, {})

    assert [row["urn"] for row in now["resources"]] == [row["urn"] for row in rows]
    assert now["resources"][1]["id"].endswith("/containerGroups/ci")
    assert "pendingReplacement" not in now["resources"][1]


def failed(said: str, op: str = "create", token: str = CONTAINERS) -> list[dict[str, Any]]:
    """As the engine logs a step that fails: secrets are a special value, and the error is a diagnostic of its own."""
    urn = f"{STACK}{token}::one"
    key = {"name": "KEY", "secureValue": {"4dabf18193072939515e22adb298388d": "1b47", "ciphertext": "[secret]"}}
    inputs = {"resourceGroupName": "rg", "containerGroupName": "ci", "tags": {"project": "edgeway"}, "env": [key]}
    new = {"urn": urn, "type": token, "custom": True, "id": "", "inputs": inputs, "outputs": {}, "provider": "p::1"}
    return [
        {"sequence": 1, "diagnosticEvent": {"urn": urn, "severity": "error", "message": f"{said}\n"}},
        {"sequence": 2, "resOpFailedEvent": {"metadata": {"op": op, "urn": urn, "type": token, "new": new}}},
    ]


@pytest.mark.parametrize(
    "said", ["cancelled", "PUT x: no answer from Azure: reset", "Status=503 Code=", "Status=429 C"]
)
def test_a_create_that_azure_did_not_refuse_may_have_been_done_all_the_same(said: str) -> None:
    (resource,) = unanswered(failed(said))
    assert resource == {
        "urn": f"{STACK}{CONTAINERS}::one",
        "type": CONTAINERS,
        "custom": True,
        "inputs": {
            "resourceGroupName": "rg",
            "containerGroupName": "ci",
            "tags": {"project": "edgeway"},
            "env": [{"name": "KEY"}],
        },
        "provider": "p::1",
    }


@pytest.mark.parametrize(
    "events",
    [
        failed('Status=409 Code="Conflict" Message="no"'),
        failed("cannot create already existing resource '/subscriptions/x'"),
        failed("cancelled", op="update"),
        failed("cancelled", op="delete"),
    ],
)
def test_what_azure_refused_and_what_was_there_before_is_not_taken_up(events: list[dict[str, Any]]) -> None:
    assert list(unanswered(events)) == []


def test_what_got_no_answer_is_named_until_a_refresh_has_seen_it() -> None:
    state = {"resources": [{"urn": "group", "id": GROUP}], "pending_operations": []}
    marked = taken_up(state, {}, unanswered(failed("cancelled")))
    assert list(told(marked)) == ["creating ContainerGroup one"]
    assert taken_up(marked, {}) == marked
    *others, row = marked["resources"]
    assert list(told({"resources": [*others, {**row, "initErrors": None}]})) == []


def test_our_own_types_and_what_the_state_has_already_are_left_as_they_are() -> None:
    state = {"resources": [{"urn": "group", "id": GROUP}]}
    assert taken_up(state, {}, unanswered(failed("cancelled", token="mledge:docker:Image")))["resources"] == [
        *state["resources"]
    ]
    there = {"resources": [*state["resources"], {"urn": f"{STACK}{CONTAINERS}::one", "id": "known"}]}
    assert taken_up(there, {}, unanswered(failed("cancelled")))["resources"] == there["resources"]


@pytest.mark.parametrize("tags", [None, {}, {"project": "another"}])
def test_what_has_not_the_tags_that_were_sent_is_somebody_elses(tags: dict[str, str] | None) -> None:
    before = taken_up({"resources": [{"urn": "group", "id": GROUP}]}, {}, unanswered(failed("cancelled")))
    *others, row = before["resources"]

    def seen(tags: dict[str, str] | None) -> dict[str, Any]:
        return {"resources": [*others, {**row, "initErrors": None, "outputs": {"tags": tags}}]}

    mine = seen({"project": "edgeway", "added": "by a policy"})
    assert ours(mine, before) == (mine, [])
    assert ours(seen(tags), before) == ({"resources": others}, [row["urn"]])


def test_a_log_whose_failures_azure_answered_changes_no_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {"version": 3, "deployment": {"resources": [{"urn": "group", "id": GROUP}]}}

    def take_up(said: str) -> int:
        log = tmp_path / "events"
        log.write_text("".join(f"{json.dumps(event)}\n" for event in failed(said)) + '{"cut o')
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(state)))
        return main(["take-up", str(log)])

    assert take_up('Status=400 Code="InvalidSku"') == 3
    capsys.readouterr()
    assert take_up("cancelled") == 0
    assert json.loads(capsys.readouterr().out)["deployment"]["resources"][1]["initErrors"] == [MARK]


@pytest.mark.parametrize(("tags", "code"), [({"project": "edgeway"}, 3), ({"project": "another"}, 0)])
def test_a_refreshed_state_is_put_back_only_where_something_is_taken_out_of_it(
    tags: dict[str, str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = taken_up({"resources": [{"urn": "group", "id": GROUP}]}, {}, unanswered(failed("cancelled")))
    *others, row = before["resources"]
    seen = {"resources": [*others, {**row, "initErrors": None, "outputs": {"tags": tags}}]}
    (tmp_path / "before").write_text(json.dumps({"deployment": before}))
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"deployment": seen})))
    assert main(["ours", str(tmp_path / "before")]) == code
