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
from typing import Any

from cloud.arm import Answer, Arm
from infra.provider.inputs import Checks, with_defaults
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource

API_VERSION = "2022-04-01"
_CHECK = ("scope", "principalId", "roleDefinitionId")
_POLL_SECONDS = 2.0


class RoleReady(Resource):
    token = "mledge:azure:RoleReady"  # noqa: S105 - a resource type

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        news = with_defaults(news, timeoutSeconds=600, settleSeconds=20)
        checks = Checks(news)
        checks.only(("checks", "timeoutSeconds", "settleSeconds"))
        checks.whole("timeoutSeconds", 1, 3600)
        checks.whole("settleSeconds", 0, 1800)
        entries = news.get("checks")
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            for key in _CHECK:
                if isinstance(entry, Mapping) and key not in entry:
                    checks.fail(f"checks[{index}].{key}", "is missing")
        return news, checks.failures

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        self._wait(ctx, inputs)
        return ctx.name, dict(inputs)

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        self._wait(ctx, news)
        return dict(news)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """Nothing was made."""

    def _wait(self, ctx: OperationContext, inputs: Properties) -> None:
        deadline = time.monotonic() + inputs["timeoutSeconds"]
        for entry in inputs["checks"]:
            seen = _Seen()
            while (left := seen.seconds_to_go(ctx, entry, inputs["settleSeconds"])) > 0:
                role = str(entry["roleDefinitionId"]).rpartition("/")[2]
                what = f"role {role} of {entry['principalId']} at {entry['scope']}"
                if time.monotonic() + min(left, _POLL_SECONDS) > deadline:
                    raise ProviderError(
                        f"{what} is not effective after {inputs['timeoutSeconds']} s (timeoutSeconds); run up again"
                    )
                ctx.status(f"waiting for {what}")
                ctx.wait(min(left, _POLL_SECONDS))


class _Seen:
    """When an assignment was first listed: a service whose clock is off must not make the wait endless."""

    def __init__(self) -> None:
        self._since: float | None = None

    def seconds_to_go(self, ctx: OperationContext, entry: Mapping[str, Any], settle: float) -> float:
        path = f"{str(entry['scope']).rstrip('/')}/providers/Microsoft.Authorization/roleAssignments"
        query = {"$filter": f"principalId eq '{entry['principalId']}'"}
        answer = Arm(ctx).get(path, API_VERSION, **query)
        ages = [_age(answer, found) for found in (answer.body or {}).get("value") or () if _is_it(found, entry)]
        if not ages:
            return _POLL_SECONDS
        if self._since is None:
            self._since = time.monotonic()
        return max(settle - max(*ages, time.monotonic() - self._since), 0.0)


def _is_it(found: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    properties = found.get("properties") or {}
    scope = str(properties.get("scope", "")).lower().rstrip("/")
    wanted = str(entry["scope"]).lower().rstrip("/")
    return (
        str(properties.get("principalId", "")).lower() == str(entry["principalId"]).lower()
        and _last(properties.get("roleDefinitionId")) == _last(entry["roleDefinitionId"])
        and (wanted == scope or wanted.startswith(f"{scope}/"))
    )


def _last(identifier: Any) -> str:
    return str(identifier).rpartition("/")[2].lower()


def _age(answer: Answer, found: Mapping[str, Any]) -> float:
    created = (found.get("properties") or {}).get("createdOn")
    if not created:
        return 0.0
    date = next((value for name, value in answer.headers.items() if name.lower() == "date"), None)
    now = parsedate_to_datetime(date) if date else datetime.now(UTC)
    return (now - datetime.fromisoformat(str(created))).total_seconds()
