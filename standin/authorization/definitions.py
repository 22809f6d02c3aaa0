"""The built-in role definitions. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"""

from __future__ import annotations

import re
import uuid
from typing import Any

from standin.core.auth import BUILT_IN_ROLES


def role_definition(scope: str, guid: str) -> dict[str, Any] | None:
    for name, known in BUILT_IN_ROLES.items():
        if known == guid.lower():
            return _definition(scope, name, known)
    return None


def role_definitions(scope: str, condition: str) -> list[dict[str, Any]]:
    """`$filter=roleName eq 'AcrPull'` or all."""
    asked = re.fullmatch(r"\s*roleName\s+eq\s+'([^']*)'\s*", condition)
    return [_definition(scope, n, guid) for n, guid in BUILT_IN_ROLES.items() if asked is None or asked[1] == n]


def _definition(scope: str, name: str, guid: str) -> dict[str, Any]:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": str(uuid.UUID(guid)),
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [{"actions": [], "notActions": [], "dataActions": [], "notDataActions": []}],
        },
    }
