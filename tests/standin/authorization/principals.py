"""Principals beside the deployer, their roles, and Microsoft's clients signed in as them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from azure.identity import ClientSecretCredential

from standin.core.auth import BUILT_IN_ROLES, SUBSCRIPTION_ID, TENANT_ID
from standin.core.directory import Kind, Registered
from tests.standin.running import RunningStandin

SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION_ID}"


@dataclass(frozen=True, kw_only=True)
class Person:
    standin: RunningStandin
    registered: Registered

    @property
    def object_id(self) -> str:
        return self.registered.object_id

    def credential(self) -> ClientSecretCredential:
        return ClientSecretCredential(TENANT_ID, self.registered.client_id, self.registered.client_secret)

    def given(self, role: str, scope: str, condition: str = "") -> str:
        """Answers the assignment's id. `role` is a built-in role's name, or a GUID."""
        guid = BUILT_IN_ROLES.get(role, role)
        properties = {
            "principalId": self.object_id,
            "principalType": self.registered.kind,
            "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
            **({"condition": condition, "conditionVersion": "2.0"} if condition else {}),
        }
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        answer = self.standin.arm("PUT", path, {"properties": properties}, version="2022-04-01")
        assert answer.status_code == 201, answer.text
        return path


def registered(standin: RunningStandin, name: str, kind: Kind = "ServicePrincipal") -> Person:
    return Person(standin=standin, registered=standin.do(lambda base: base.directory.register(name, kind)))


def custom_role(standin: RunningStandin, name: str, scope: str, **permissions: list[str]) -> str:
    """Answers its GUID."""
    guid = str(uuid.uuid4())
    properties: dict[str, Any] = {"roleName": name, "permissions": [permissions], "assignableScopes": [scope]}
    path = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    answer = standin.arm("PUT", path, {"properties": properties}, version="2022-04-01")
    assert answer.status_code == 201, answer.text
    return guid
