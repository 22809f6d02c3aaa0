"""The condition that the portal writes for "constrain roles and principal types", and what is no condition."""

from __future__ import annotations

import pytest

from standin.core.rbac.conditions import Asked, ConditionError, parse

PULL, ADMIN = "7f951dda-4ed3-4680-a7ca-43fe172d538d", "00482a5a-887f-4fb3-b363-3b7fe8e74483"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
WRITE, DELETE = "Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete"


def clause(verb: str, side: str) -> str:
    attribute = f"@{side}[Microsoft.Authorization/roleAssignments"
    return (
        f"(\n (\n  !(ActionMatches{{'Microsoft.Authorization/roleAssignments/{verb}'}})\n )\n OR \n (\n"
        f"  {attribute}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{PULL}, {ADMIN.upper()}}}\n  AND\n"
        f"  {attribute}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'ServicePrincipal'}}\n )\n)"
    )


PORTAL = clause("write", "Request") + "\nAND\n" + clause("delete", "Resource")


def asked(action: str, **attributes: str) -> Asked:
    side = {"roledefinitionid": PULL, "principaltype": "ServicePrincipal", **attributes}
    given = {name: value for name, value in side.items() if value}
    return Asked(action=action, request=given, resource={}) if action != DELETE else Asked(
        action=action, request={}, resource=given
    )  # fmt: skip


@pytest.mark.parametrize("action", [WRITE, DELETE])
@pytest.mark.parametrize(
    ("attributes", "holds"),
    [
        ({}, True),
        ({"roledefinitionid": ADMIN}, True),
        ({"principaltype": "serviceprincipal"}, True),
        ({"roledefinitionid": OWNER}, False),
        ({"principaltype": "User"}, False),
        ({"principaltype": ""}, False),
    ],
)
def test_the_portals_text_allows_its_roles_and_types_and_an_attribute_that_is_left_out_is_refused(
    action: str, attributes: dict[str, str], holds: bool
) -> None:
    assert parse(PORTAL)(asked(action, **attributes)) is holds


def test_what_it_does_not_match_it_does_not_constrain() -> None:
    assert parse(PORTAL)(Asked(action="Microsoft.Devices/IotHubs/write", request={}, resource={}))


def test_unequal_and_one_principal_alone() -> None:
    attribute = "@Request[Microsoft.Authorization/roleAssignments"
    never_owner = parse(f"{attribute}:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {{{OWNER}}}")
    mine = parse(f"{attribute}:PrincipalId] GuidEquals {{{PULL}}} && !(ActionMatches{{'*/delete'}})")

    assert [never_owner(asked(WRITE)), never_owner(asked(WRITE, roledefinitionid=OWNER))] == [True, False]
    assert [mine(asked(WRITE, principalid=PULL)), mine(asked(WRITE, principalid=OWNER))] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(ActionMatches{'x'}",
        "ActionMatches{'x'} ActionMatches{'y'}",
        "@Environment[isPrivateLink] BoolEquals {true}",
        "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] Resembles {a}",
        "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForSome:GuidEquals {a}",
        "#",
    ],
)
def test_what_is_not_known_is_refused_not_believed(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)


@pytest.mark.parametrize("text", ["(" * 5000 + "ActionMatches{'a'}" + ")" * 5000, "!" * 5000 + "ActionMatches{'a'}"])
def test_one_that_is_nested_without_measure_is_refused(text: str) -> None:
    with pytest.raises(ConditionError, match="nested deeper"):
        parse(text)
