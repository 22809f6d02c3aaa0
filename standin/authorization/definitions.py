"""The built-in role definitions. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"""

from __future__ import annotations

import re
from typing import Any

from standin.authorization.errors import UnsupportedQuery
from standin.core.rbac.built_in import ROLES, BuiltIn


def role_definition(scope: str, guid: str) -> dict[str, Any] | None:
    found = [(name, role) for name, role in ROLES.items() if role.guid == guid.lower()]
    return _definition(scope, *found[0]) if found else None


def role_definitions(scope: str) -> list[dict[str, Any]]:
    return [_definition(scope, name, role) for name, role in ROLES.items()]


def selected(definitions: list[dict[str, Any]], condition: str) -> list[dict[str, Any]]:
    """`$filter=roleName eq 'AcrPull'`, `type eq 'CustomRole'`, or all."""
    for clause in re.split(r"\s+and\s+", condition.strip()) if condition else ():
        asked = re.fullmatch(r"(roleName|type)\s+eq\s+'([^']*)'", clause)
        if asked is None:
            raise UnsupportedQuery(condition)
        definitions = [one for one in definitions if one["properties"][asked[1]] == asked[2]]
    return definitions


def _definition(scope: str, name: str, role: BuiltIn) -> dict[str, Any]:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role.guid}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": role.guid,
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [role.permissions.body()],
        },
    }
