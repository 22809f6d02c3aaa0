"""Each right of docs/azure.md taken away alone, at the stand-in: which is missing is said, where, and by which line."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.needs import rights as checked
from cli.needs.subscription import Place
from cli.stack.names import stack_names
from cloud.access import rights
from cloud.access.roles import ASSIGNED, role_name
from cloud.sessions import forget_sessions
from standin.core.auth import SUBSCRIPTION_ID, Roles
from standin.foundation import Foundation
from tests.cli.commands.test_names import clone
from tests.cli.needs.fake_azure import REFUSED
from tests.cli.needs.fake_azure import azure as fake_azure
from tests.standin.authorization.principals import SUBSCRIPTION, Person, custom_role, registered
from tests.standin.running import RunningStandin, running_standin
from tests.walk.page import condition, deployer_actions

GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-theirs"
RBAC = "Role Based Access Control Administrator"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the page gives to a pipeline, and then a little less of it."""

    contributor: str | None = "Contributor"
    assigns: str | None = condition()
    actions: tuple[str, ...] = tuple(deployer_actions())


WHOLE = Given()


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    with (
        running_standin(tmp_path_factory.mktemp("standin"), services=("blob", "iothub")) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        assert running.arm("PUT", GROUP, {"location": "westeurope"}).status_code == 201
        yield running


@pytest.fixture(scope="module")
def person(azure: RunningStandin) -> Iterator[Person]:
    """Signed in once: what changes from test to test is what they may do."""
    with pytest.MonkeyPatch.context() as patch:
        registered_one = registered(azure, "pipeline")
        for name in ("AZURE", "ARM"):
            patch.setenv(f"{name}_CLIENT_ID", registered_one.registered.client_id)
            patch.setenv(f"{name}_CLIENT_SECRET", registered_one.registered.client_secret)
        forget_sessions()
        yield registered_one
        forget_sessions()


def _take_all(base: Foundation) -> None:
    for assignment in base.arm.list("Microsoft.Authorization/roleAssignments"):
        base.arm.forget(assignment)
    base.store.delete_all(Roles.KIND)


@pytest.fixture
def pipeline(azure: RunningStandin, person: Person, tmp_path: Path) -> Iterator[Pipeline]:
    yield Pipeline(azure=azure, person=person, folder=tmp_path)
    azure.do(_take_all)


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    azure: RunningStandin
    person: Person
    folder: Path

    def gets(self, given: Given) -> None:
        if given.contributor:
            self.person.given(given.contributor, GROUP)
        if given.assigns is not None:
            self.person.given(RBAC, GROUP, given.assigns)
        if given.actions:
            role = custom_role(self.azure, uuid.uuid4().hex, SUBSCRIPTION, actions=[*given.actions])
            self.person.given(role, SUBSCRIPTION)

    def told(self, **config: Any) -> dict[str, str]:
        """Of each line that is not given whole, what is missing."""
        root = clone(self.folder, **{"existing": {"resourceGroup": "rg-theirs"}, **config})
        names = stack_names("dev", SUBSCRIPTION_ID, root)
        needs = checked.rights(Place(id=SUBSCRIPTION_ID, config=_config(root), names=names))
        return {need.remedy.partition(";")[0].rpartition(" ")[2]: need.found for need in needs if not need.ok}


def _config(root: Path) -> dict[str, Any]:
    config = yaml.safe_load((root / "Pulumi.dev.yaml").read_text(encoding="utf-8"))["config"]
    return {key.removeprefix("edgeway:"): value for key, value in config.items()}


def without(action: str) -> tuple[str, ...]:
    return tuple(one for one in WHOLE.actions if one != action)


def without_role(guid: str, verb: str) -> str:
    """The page's condition without a role, in the half that is about this verb."""
    write, delete = condition().split("\nAND\n")
    halves = {"write": write, "delete": delete}
    halves[verb] = re.sub(rf"\s*{guid},|,\s*{guid}", "", halves[verb])
    return f"{halves['write']}\nAND\n{halves['delete']}"


CASES: dict[str, tuple[Given, str, str]] = {
    "C1": (
        replace(WHOLE, contributor=None),
        "C1",
        "missing: Microsoft.ManagedIdentity/userAssignedIdentities/write, ",
    ),
    "C1 as Reader": (replace(WHOLE, contributor="Reader"), "C1", f"more at {GROUP}"),
    "C2": (
        replace(WHOLE, assigns=None),
        "C2",
        f"missing: {', '.join(rights.ASSIGNING)} at {GROUP}",
    ),
    "C2 for service principals": (
        replace(WHOLE, assigns=condition().replace("{'ServicePrincipal'}", "{'User'}", 1)),
        "C2",
        f"missing: Microsoft.Authorization/roleAssignments/write of principals of the type ServicePrincipal at {GROUP}",
    ),
    "C3": (replace(WHOLE, actions=()), "C3", f"{', '.join(rights.PURGING)} at {SUBSCRIPTION}"),
    **{
        f"C3 {action}": (replace(WHOLE, actions=without(action)), "C3", f"missing: {action} at {SUBSCRIPTION}")
        for action in rights.PURGING
    },
    **{
        f"C2 {verb} of {role_name(guid)}": (
            replace(WHOLE, assigns=without_role(guid, verb)),
            "C2",
            f"missing: Microsoft.Authorization/roleAssignments/{verb} of {role_name(guid)} ({guid}) at {GROUP}",
        )
        for guid in ASSIGNED
        for verb in ("write", "delete")
    },
}


# what is read, line C2 gives too
@pytest.mark.parametrize("action", [action for action in rights.IN_THE_GROUP if not action.endswith("/read")])
def test_one_action_fewer_than_contributor_is_named(pipeline: Pipeline, action: str) -> None:
    less = custom_role(pipeline.azure, uuid.uuid4().hex, SUBSCRIPTION, actions=["*"], notActions=[action])
    pipeline.gets(replace(WHOLE, contributor=less))
    assert pipeline.told() == {"C1": f"missing: {action} at {GROUP}"}


@pytest.mark.parametrize("case", CASES)
def test_one_right_fewer_is_named_with_its_scope_and_its_line(pipeline: Pipeline, case: str) -> None:
    given, line, told = CASES[case]
    pipeline.gets(given)
    assert list(lacking := pipeline.told()) == [line]
    assert told in lacking[line]


def test_the_lines_of_the_page_are_enough(pipeline: Pipeline) -> None:
    pipeline.gets(WHOLE)
    assert pipeline.told() == {}


def test_an_operator_of_another_type_than_the_condition_names_is_told(pipeline: Pipeline) -> None:
    pipeline.gets(WHOLE)
    person = {"principalId": "11111111-2222-3333-4444-555555555555", "type": "User"}
    assert "principals of the type User" in pipeline.told(operators=[person])["C2"]


def test_a_group_that_the_program_makes_itself_wants_the_rights_at_the_subscription(pipeline: Pipeline) -> None:
    pipeline.gets(WHOLE)
    lacking = pipeline.told(existing=None)
    assert list(lacking) == ["C1", "C2"]
    assert lacking["C1"].endswith(f"more at {SUBSCRIPTION}")


def test_who_comes_after_the_first_deployer_is_told_to_become_an_operator(pipeline: Pipeline) -> None:
    pipeline.gets(WHOLE)
    names = stack_names("dev", SUBSCRIPTION_ID, clone(pipeline.folder, existing={"resourceGroup": "rg-theirs"}))
    hub = f"{GROUP}/providers/Microsoft.Devices/IotHubs/{names.iot_hub}"
    body = {"location": "westeurope", "sku": {"name": "S1", "capacity": 1}, "properties": {}}
    assert pipeline.azure.arm("PUT", hub, body).status_code in (200, 201)

    lacking = pipeline.told()
    assert "Microsoft.Devices/IotHubs/devices/read" in lacking["C4"]
    assert lacking["C4"].endswith(f"at {hub}")
    mine = {"principalId": pipeline.person.object_id, "type": "ServicePrincipal"}
    assert pipeline.told(operators=[mine]) == {}
    pipeline.person.given("IoT Hub Data Contributor", hub)
    assert pipeline.told() == {}
    assert pipeline.azure.arm("DELETE", hub).status_code < 300


def test_who_may_assign_and_may_not_look_at_assignments_is_told_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked.Caller, "_token", "e30.e30.e30")
    monkeypatch.setattr(checked.Caller, "object_id", "me")
    monkeypatch.setattr(checked.Caller, "type", "ServicePrincipal")
    listed = {"value": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/roleAssignments/read"]}]}
    place = fake_azure({"/permissions": listed, "/roleAssignments": REFUSED, "rg-theirs": {}}, existing="rg-theirs")
    told = {need.name: need.found for need in checked.rights(place) if not need.ok}
    assert list(told) == ["right to make resources"]
    assert told["right to make resources"].startswith("missing: Microsoft.Authorization/roleAssignments/read at")


@pytest.mark.parametrize("operators", ["me", {"a": "b"}, ["me", None, 1], [{}], 7])
def test_operators_that_are_none_end_no_check(monkeypatch: pytest.MonkeyPatch, operators: object) -> None:
    monkeypatch.setattr(checked.Caller, "_token", "e30.e30.e30")
    monkeypatch.setattr(checked.Caller, "object_id", "me")
    monkeypatch.setattr(checked.Caller, "type", "ServicePrincipal")
    answers = {"/permissions": {"value": [{"actions": ["*"]}]}, "/roleAssignments": {"value": []}, "rg-theirs": {}}
    place = fake_azure(answers, existing="rg-theirs", config={"operators": operators})
    assert all(need.ok for need in checked.rights(place))


@pytest.mark.parametrize("values", ["{0}", "{{{0}}}", "{{'{0}'}}"])
def test_a_condition_may_name_one_role_with_and_without_braces(values: str) -> None:
    guid = ASSIGNED[0]
    attribute = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
    held = rights.Held(
        role="f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        scope="/",
        condition=f"{attribute} GuidEquals {values.format(guid)}",
    )
    told = rights.left_out([held], ["ServicePrincipal"])
    assert len(told) == len(ASSIGNED) - 1
    assert not any(guid in one for one in told)
