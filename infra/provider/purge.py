"""`mledge:azure:Purge`: on delete, removes for good what Azure only soft-deletes, so that the name is free again.

It must run before azure-native's own delete: once a workspace is soft-deleted, forceToPurge answers 204 and leaves the
record (azure-cli #33756). azure-native then finds nothing, which is fine.
    workspace     https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
    vault         https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/purge-deleted
    logAnalytics  https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
"""

from __future__ import annotations

from cloud.arm import Answer, Arm
from cloud.errors import ServiceError, is_missing
from infra.provider.inputs import Checks
from pluginbase.resource import Failure, OperationContext, Properties, Resource

_API_VERSIONS = {"workspace": "2025-12-01", "vault": "2026-02-01", "logAnalytics": "2023-09-01"}
_POLL_SECONDS = 5.0


class Purge(Resource):
    token = "mledge:azure:Purge"  # noqa: S105 - a resource type
    replace_on = frozenset({"kind", "resourceId", "location"})

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        checks = Checks(news)
        checks.only(("kind", "resourceId", "location"))
        checks.one_of("kind", _API_VERSIONS)
        checks.text(
            "resourceId",
            r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+/[^/]+/[^/]+",
            "the ARM id of a resource in a resource group is wanted",
        )
        return news, checks.failures

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return f"{inputs['resourceId']}|purge", dict(inputs)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        kind, resource_id = inputs["kind"], inputs["resourceId"]
        version = _API_VERSIONS[kind]
        query = {"workspace": {"forceToPurge": "true"}, "logAnalytics": {"force": "true"}}.get(kind, {})
        arm = Arm(ctx)
        answer = _unless_missing(arm, "DELETE", resource_id, version, query)
        if answer is not None:
            _follow(arm, answer, f"delete of {resource_id}")
        _until_missing(arm, ctx, resource_id, version)
        if kind == "vault":
            self._purge_vault(ctx, arm, inputs, version)

    def _purge_vault(self, ctx: OperationContext, arm: Arm, inputs: Properties, version: str) -> None:
        parts = inputs["resourceId"].split("/")
        deleted = (
            f"/subscriptions/{parts[2]}/providers/Microsoft.KeyVault"
            f"/locations/{inputs['location']}/deletedVaults/{parts[-1]}"
        )
        answer = _unless_missing(arm, "POST", f"{deleted}/purge", version, {})
        if answer is not None:
            _follow(arm, answer, f"purge of the vault {parts[-1]}")
        _until_missing(arm, ctx, deleted, version)


def _unless_missing(arm: Arm, method: str, path: str, version: str, query: dict[str, str]) -> Answer | None:
    try:
        return arm.request(method, path, version, query=query)
    except ServiceError as error:
        if is_missing(error):
            return None
        raise


def _follow(arm: Arm, answer: Answer, what: str) -> None:
    try:
        arm.follow(answer, what)
    except ServiceError as error:
        if not is_missing(error):  # the operation's own record may go with the resource
            raise


def _until_missing(arm: Arm, ctx: OperationContext, path: str, version: str) -> None:
    while _unless_missing(arm, "GET", path, version, {}) is not None:
        ctx.status(f"waiting until {path.rpartition('/')[2]} is gone for good")
        ctx.wait(_POLL_SECONDS)
