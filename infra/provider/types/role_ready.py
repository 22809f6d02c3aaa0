"""`mledge:azure:RoleReady`: waits until role assignments are effective.

Azure accepts an assignment at once and honours it minutes later, and has no call that says when, for another principal
than the caller: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected
So this waits until ARM lists the assignment, and then until it has the age `settleSeconds` by the service's own clock.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from msgspec import Meta

from cloud.access.roles import role_name
from cloud.arm import Answer, Arm
from cloud.errors import ServiceError, is_missing
from infra.provider.inputs import Inputs
from infra.provider.undisturbed import AT_ONCE
from infra.provider.wait import Wait
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError

API_VERSION = "2022-04-01"
_POLL_SECONDS = 2.0


class RoleCheck(Inputs, frozen=True):
    scope: str
    principal_id: str
    role_definition_id: str

    def told_for(self, name: str) -> str:
        """`AcrPull for scoring-pull at credgewaydev1`."""
        return f"{role_name(self.role_definition_id)} for {name} at {_last(self.scope)}"


class RoleReadyInputs(Inputs, frozen=True):
    checks: list[RoleCheck]
    timeout_seconds: Annotated[int, Meta(ge=1, le=3600)] = 600
    settle_seconds: Annotated[int, Meta(ge=0, le=1800)] = 20


class RoleReady(Wait):
    token = "mledge:azure:RoleReady"  # noqa: S105 - a resource type

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return RoleReadyInputs.check(news)

    def wait(self, ctx: OperationContext, inputs: Properties) -> None:
        _wait(ctx, RoleReadyInputs.of(inputs))

    def stands(self, ctx: OperationContext, inputs: Properties) -> bool:
        """Each is listed; what cannot be seen stands."""
        try:
            return all(_listed(Arm(ctx, AT_ONCE), check)[1] for check in RoleReadyInputs.of(inputs).checks)
        except ServiceError as error:
            return not is_missing(error)


def _wait(ctx: OperationContext, inputs: RoleReadyInputs) -> None:
    deadline = time.monotonic() + inputs.timeout_seconds
    for check in inputs.checks:
        seen, role = _Seen(), check.told_for(ctx.name)
        while (left := seen.seconds_to_go(ctx, check, inputs.settle_seconds)) > 0:
            pause = min(left, _POLL_SECONDS)
            if time.monotonic() + pause > deadline:
                limit = f"{inputs.timeout_seconds} s (timeoutSeconds)"
                raise ProviderError(f"{role} is not effective after {limit}; run up again")
            ctx.status(f"waiting for {role}")
            ctx.wait(pause)


class _Seen:
    """When an assignment was first listed: a service whose clock is off must not make the wait endless."""

    def __init__(self) -> None:
        self._since: float | None = None

    def seconds_to_go(self, ctx: OperationContext, role: RoleCheck, settle_seconds: float) -> float:
        answer, assignments = _listed(Arm(ctx), role)
        ages = [_age_seconds(answer, assignment) for assignment in assignments]
        if not ages:
            return _POLL_SECONDS
        if self._since is None:
            self._since = time.monotonic()
        return max(settle_seconds - max(*ages, time.monotonic() - self._since), 0.0)


def _listed(arm: Arm, role: RoleCheck) -> tuple[Answer, list[Mapping[str, Any]]]:
    path = f"{role.scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments"
    answer = arm.get(path, API_VERSION, **{"$filter": f"principalId eq '{role.principal_id}'"})
    return answer, [one for one in (answer.body or {}).get("value") or () if _is_of(one, role)]


def _is_of(assignment: Mapping[str, Any], role: RoleCheck) -> bool:
    """One at a scope above counts too."""
    properties = assignment.get("properties") or {}
    assigned_at = str(properties.get("scope", "")).lower().rstrip("/")
    scope = role.scope.lower().rstrip("/")
    return (
        str(properties.get("principalId", "")).lower() == role.principal_id.lower()
        and _last(properties.get("roleDefinitionId")) == _last(role.role_definition_id)
        and (scope == assigned_at or scope.startswith(f"{assigned_at}/"))
    )


def _last(identifier: Any) -> str:
    return str(identifier).rpartition("/")[2].lower()


def _age_seconds(answer: Answer, assignment: Mapping[str, Any]) -> float:
    created = (assignment.get("properties") or {}).get("createdOn")
    if not created:
        return 0.0
    date = next((value for name, value in answer.headers.items() if name.lower() == "date"), None)
    now = parsedate_to_datetime(date) if date else datetime.now(UTC)
    return (now - datetime.fromisoformat(str(created))).total_seconds()
