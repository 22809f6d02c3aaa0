"""The roles that docs/azure.md gives are those that the program assigns, and what it asks for is given by its lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cloud.access import rights
from cloud.access.roles import ASSIGNED, ASSIGNED_FOR_KUBERNETES, ASSIGNED_FOR_MACHINES, role_name
from dryrun import azure_token, make_clone, run_program, stack_config
from infra.components.access import Role
from standin.core.arm.http.actions import action_of
from standin.core.rbac.built_in import ROLES
from standin.core.rbac.conditions import Asked, parse
from standin.core.rbac.permissions import Permissions
from standin.plugin.kinds import BY_TOKEN
from tests.walk.page import PAGE, condition, deployer_actions

WRITE, DELETE = rights.ASSIGNING


@pytest.mark.parametrize("action", [WRITE, DELETE])
def test_the_condition_lets_assign_exactly_the_roles_that_the_program_assigns(action: str) -> None:
    judge = parse(condition())

    def allowed(guid: str, kind: str = "ServicePrincipal") -> bool:
        side = {"roledefinitionid": guid, "principaltype": kind}
        request, there = (side, {}) if action == WRITE else ({}, side)
        return judge(Asked(action=action, request=request, resource=there))

    assert {name for name, role in ROLES.items() if allowed(role.guid)} == {role_name(guid) for guid in ASSIGNED}
    assert not allowed(Role.ACR_PULL, "User")


def test_what_is_asked_of_a_deployer_is_what_the_program_assigns() -> None:
    more = {*ASSIGNED_FOR_KUBERNETES, *ASSIGNED_FOR_MACHINES}
    assert {*ASSIGNED, *more} == {role.value for role in Role}
    assert not {*ASSIGNED} & more


def test_the_page_names_the_roles_that_only_a_kubernetes_cluster_or_a_machine_needs() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [role_name(guid) for guid in (*ASSIGNED_FOR_KUBERNETES, *ASSIGNED_FOR_MACHINES) if guid not in text] == []
    assert [action for action in rights.OF_THE_ROUTER if action not in deployer_actions()] == []
    contributor = ROLES["Contributor"].permissions
    assert [action for action in rights.FOR_KUBERNETES if not contributor.permits(action)] == []


def test_the_lines_give_all_that_is_asked_of_a_deployer() -> None:
    contributor = ROLES["Contributor"].permissions
    assert [action for action in rights.IN_THE_GROUP if not contributor.permits(action)] == []
    assert [action for action in rights.PURGING if not Permissions(tuple(deployer_actions())).permits(action)] == []
    hub, blobs = (ROLES[name].permissions for name in ("IoT Hub Data Contributor", "Storage Blob Data Contributor"))
    assert hub.covers_data_of(Permissions(data_actions=rights.AT_THE_HUB))
    assert blobs.covers_data_of(Permissions(data_actions=rights.IN_THE_BLOBS))


def test_every_type_that_the_program_makes_is_asked_for(tmp_path: Path) -> None:
    plan = run_program(make_clone(tmp_path), "dev", "up", stack_config("dev"))
    kinds = {azure_token(one["type"]) for one in plan["resources"] if one["type"].startswith("azure-native:")}
    asked = {action.lower() for action in (*rights.IN_THE_GROUP, *rights.OF_THE_GROUP, *rights.ASSIGNING)}

    for path in (BY_TOKEN[kind].path.replace("{scope}", "subscriptions/s") for kind in kinds):
        for method in ("GET", "PUT", "DELETE"):
            assert str(action_of(method, path)).lower() in asked, (method, path)


def test_each_line_of_the_table_is_one_that_messages_may_name() -> None:
    lines = re.findall(r"^\| ([CP]\d) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines == ["P1", "P2", "C1", "C2", "C3", "C4", "C5"]
