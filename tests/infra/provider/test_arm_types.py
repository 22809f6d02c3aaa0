"""TokenPassword, RoleReady and RegisteredModel's read: what they ask of ARM, and how they take its answers."""

from __future__ import annotations

from typing import Any

import pytest

from cloud.arm import Answer
from cloud.errors import ServiceError
from infra.provider.types.registered_model import RegisteredModel
from infra.provider.types.role_ready import RoleReady
from infra.provider.types.token_password import TokenPassword
from pluginbase.resource import Gone, ProviderError
from tests.infra.provider.fake_arm import FakeArm, missing, ok
from tests.infra.provider.recorder import Recorder, checked

GROUP = "/subscriptions/s/resourceGroups/rg"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crtest1"
TOKEN = f"{REGISTRY}/tokens/line-one"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv1"
DELETED_VAULT = "/subscriptions/s/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv1"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
PASSWORD = {
    "subscriptionId": "s",
    "resourceGroupName": "rg",
    "registryName": "crtest1",
    "tokenName": "line-one",
    "tokenId": TOKEN,
}


def _credentials(name: str, value: str) -> dict[str, Any]:
    return {"username": "line-one", "passwords": [{"name": name, "value": value}]}


def test_a_password_is_generated_and_rotation_makes_the_other_one(arm: FakeArm) -> None:
    resource = TokenPassword()
    arm.on("POST", f"{REGISTRY}/generateCredentials", ok(_credentials("password1", "one")))
    inputs = checked(resource, dict(PASSWORD))
    id, outputs = resource.create(Recorder(), inputs)
    assert (outputs["username"], outputs["password"], outputs["passwordName"]) == ("line-one", "one", "password1")
    arm.on("POST", f"{REGISTRY}/generateCredentials", ok(_credentials("password2", "two")))
    rotated = resource.update(Recorder(), id, inputs, {**inputs, "rotation": 1}, outputs)
    assert (rotated["password"], rotated["passwordName"]) == ("two", "password2")
    # never without a name: that would take both passwords away
    assert [body["name"] for _, _, _, body in arm.asked] == ["password1", "password2"]
    assert resource.secret_outputs == {"password"}


def test_a_password_that_comes_later_is_fetched_from_its_location(arm: FakeArm) -> None:
    operation = ok(None, 202, Location="https://management.azure.com/operation", Retry_After="0")
    arm.on("POST", f"{REGISTRY}/generateCredentials", operation)
    arm.on("GET", "/operation", ok(None, 202), ok(_credentials("password1", "late")))
    _, outputs = TokenPassword().create(Recorder(), checked(TokenPassword(), dict(PASSWORD)))
    assert outputs["password"] == "late"


def test_a_password_is_fetched_from_the_location_where_a_status_comes_beside_it(arm: FakeArm) -> None:
    """The status document of the operation has no value, and the value is shown once."""
    host = "https://management.azure.com"
    both = {"Azure-AsyncOperation": f"{host}/status", "Location": f"{host}/result", "Retry-After": "0"}
    not_active = ServiceError("x", 409, "TokenNotActive", "The token is not in an active state.")
    arm.on("POST", f"{REGISTRY}/generateCredentials", not_active, Answer(202, both, None))
    arm.on("GET", "/status", ok({"status": "InProgress"}), ok({"status": "Succeeded"}))
    arm.on("GET", "/result", ok(None, 202, Retry_After="0"), ok(_credentials("password1", "late")))
    _, outputs = TokenPassword().create(Recorder(), checked(TokenPassword(), dict(PASSWORD)))
    assert outputs["password"] == "late"
    assert arm.paths("GET") == ["/status", "/status", "/result", "/result"]


@pytest.mark.parametrize(
    ("live", "anew"),
    [("2026-11-28T10:00:00.42Z", False), ("2026-11-28T10:00:00+00:00", False), ("2026-11-28T10:00:09Z", True)],
)
def test_a_password_that_another_row_has_generated_since_is_made_again(arm: FakeArm, live: str, anew: bool) -> None:
    resource = TokenPassword()
    made = {"name": "password1", "value": "one", "creationTime": "2026-11-28T10:00:00.4212345Z"}
    arm.on("POST", f"{REGISTRY}/generateCredentials", ok({"username": "line-one", "passwords": [made]}))
    inputs = checked(resource, dict(PASSWORD))
    id, row = resource.create(Recorder(), inputs)
    passwords = [{"name": "password1", "creationTime": live}, {"name": "password2", "creationTime": "2030-01-01"}]
    arm.on("GET", TOKEN, ok({"properties": {"credentials": {"passwords": passwords}}}))
    assert bool(resource.diff(Recorder(), id, inputs, inputs, row)) is anew
    older = {name: value for name, value in row.items() if name != "createdAt"}
    assert resource.diff(Recorder(), id, inputs, inputs, older) == []
    arm.on("GET", TOKEN, missing())
    assert resource.diff(Recorder(), id, inputs, inputs, row) == []


def test_a_token_without_the_password_is_gone(arm: FakeArm) -> None:
    state = {"passwordName": "password1"}
    arm.on("GET", TOKEN, ok({"properties": {"credentials": {"passwords": [{"name": "password2"}]}}}))
    with pytest.raises(Gone):
        TokenPassword().read(Recorder(), f"{TOKEN}/passwords", {}, state)
    arm.on("GET", TOKEN, missing())
    with pytest.raises(Gone):
        TokenPassword().read(Recorder(), f"{TOKEN}/passwords", {}, state)


def _assignment(**more: str) -> dict[str, Any]:
    properties = {
        "scope": REGISTRY,
        "principalId": "p1",
        "roleDefinitionId": "/x/roleDefinitions/7F951DDA-4ed3-4680-a7ca-43fe172d538d",
        "createdOn": "2026-11-21T12:00:00Z",
    }
    return {"value": [{"properties": {**properties, **more}}]}


def _roles(arm: FakeArm, *answers: Any) -> dict[str, Any]:
    arm.on("GET", f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments", *answers)
    check = {
        "scope": REGISTRY,
        "principalId": "P1",
        "roleDefinitionId": "/y/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d",
    }
    return checked(RoleReady(), {"checks": [check]})


def test_a_role_is_waited_for_until_it_is_listed_and_old_enough(arm: FakeArm) -> None:
    dates = [f"Sat, 21 Nov 2026 12:00:{second} GMT" for second in ("05", "30")]
    answers = [ok({"value": []}), *(ok(_assignment(), Date=date) for date in dates)]
    ctx = Recorder()
    RoleReady().create(ctx, _roles(arm, *answers))
    assert len(arm.asked) == 3
    assert ctx.statuses[0] == f"waiting for AcrPull for {ctx.name} at {REGISTRY.rpartition('/')[2]}"


def test_a_role_inherited_from_above_counts_and_another_principals_does_not(arm: FakeArm) -> None:
    late = "Sat, 21 Nov 2026 13:00:00 GMT"
    RoleReady().create(Recorder(), _roles(arm, ok(_assignment(scope=GROUP), Date=late)))
    inputs = {**_roles(arm, ok(_assignment(principalId="p2"), Date=late)), "timeoutSeconds": 1}
    with pytest.raises(ProviderError, match="is not effective after 1 s"):
        RoleReady().create(Recorder(), inputs)


MODEL = f"{WORKSPACE}/models/anomaly/versions/{'a' * 12}"


def _model_inputs() -> dict[str, Any]:
    news = {
        "subscriptionId": "s",
        "resourceGroupName": "rg",
        "workspaceName": "ws",
        "name": "anomaly",
        "digest": "a" * 64,
        "card": {"metrics": {"accuracy": 0.99}, "dataSha256": "d" * 64},
    }
    return checked(RegisteredModel(), news)


def _registered(**more: Any) -> dict[str, Any]:
    tags = {"digest": "a" * 64, "dataSha256": "d" * 64, "metric.accuracy": "0.99"}
    return {"properties": {"tags": tags, "isArchived": False, "modelUri": "azureml://x", **more}}


def test_a_registered_model_is_read_back_without_a_difference(arm: FakeArm) -> None:
    arm.on("GET", MODEL, ok(_registered()))
    inputs = _model_inputs()
    id, live, state = RegisteredModel().read(Recorder(), MODEL, inputs, {})
    assert (id, live) == (MODEL, inputs)
    assert (state["version"], state["modelId"]) == ("a" * 12, MODEL)


def test_an_archived_model_counts_as_gone(arm: FakeArm) -> None:
    arm.on("GET", MODEL, ok(_registered(isArchived=True)))
    with pytest.raises(Gone):
        RegisteredModel().read(Recorder(), MODEL, _model_inputs(), {})


def test_a_changed_card_changes_the_tags_alone(arm: FakeArm) -> None:
    arm.on("GET", MODEL, ok(_registered()))
    arm.on("PUT", MODEL, ok(_registered()))
    news = {**_model_inputs(), "card": {"metrics": {"recall": 1}, "dataSha256": "d" * 64}}
    outputs = RegisteredModel().update(Recorder(), MODEL, _model_inputs(), news, {"modelId": MODEL, "mark": "m"})
    assert outputs["mark"] == "m"
    (body,) = [body["properties"] for method, _, _, body in arm.asked if method == "PUT"]
    assert body["tags"] == {"digest": "a" * 64, "dataSha256": "d" * 64, "metric.recall": "1.0", "edgewayMark": "m"}
    assert body["modelUri"] == "azureml://x"


def test_version_and_id_are_known_in_preview() -> None:
    outputs = RegisteredModel().preview_outputs(Recorder(), _model_inputs())
    assert outputs["modelId"] == MODEL
