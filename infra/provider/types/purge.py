"""`mledge:azure:Purge`: on delete, removes for good what Azure only soft-deletes, so that the name is free again.

It must run before azure-native's own delete: once a workspace is soft-deleted, forceToPurge answers 204 and leaves the
record (azure-cli #33756). azure-native then finds nothing, which is fine.
    workspace     https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
    vault         https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/purge-deleted
    logAnalytics  https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from time import monotonic
from typing import Annotated

from cloud.arm import Answer, Arm
from cloud.errors import ServiceError, is_missing
from infra.provider.inputs import Inputs, one_of, text
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource

_API_VERSIONS = {"workspace": "2025-12-01", "vault": "2026-02-01", "logAnalytics": "2023-09-01"}
_QUERIES: Mapping[str, dict[str, str]] = {
    "workspace": {"forceToPurge": "true"},
    "vault": {},
    "logAnalytics": {"force": "true"},
}
_POLL_SECONDS = 5.0
# Azure gives no bound; users report minutes, and purges that Azure forgot (azure-cli #33756).
_GONE_MINUTES = 30
_BY_HAND = {
    "workspace": "delete {name} for good in the portal (Azure Machine Learning, Recently deleted)",
    "vault": "`az keyvault purge -n {name}`",
    "logAnalytics": "`az monitor log-analytics workspace delete --force -n {name} -g {group}`",
}


class PurgeInputs(Inputs, frozen=True):
    kind: Annotated[str, one_of(_API_VERSIONS)]
    resource_id: Annotated[
        str,
        text(
            "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+/[^/]+/[^/]+",
            "the ARM id of a resource in a resource group is wanted",
        ),
    ]
    location: str


class Purge(Resource):
    token = "mledge:azure:Purge"  # noqa: S105 - a resource type
    replace_on = frozenset({"kind", "resourceId", "location"})

    def __init__(self) -> None:
        self._wanted: dict[str, set[str]] = defaultdict(set)
        """Resource id in lower case -> the URNs that ask for its purge. The engine checks all that the program names
        before it deletes what the program names no more, and nothing at all in a destroy."""

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        if isinstance(resource_id := news.get("resourceId"), str):
            self._wanted[resource_id.lower()].add(ctx.urn)
        return PurgeInputs.check(news)

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return f"{inputs['resourceId']}|purge", dict(inputs)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        given = PurgeInputs.of(inputs)
        if others := self._wanted.get(given.resource_id.lower(), set()) - {ctx.urn}:
            # a logical name changed: the thing itself is still wanted
            ctx.log(f"{given.resource_id} stays: {sorted(others)[0]} is there to purge it")
            return
        arm, version = Arm(ctx), _API_VERSIONS[given.kind]
        answer = _unless_missing(arm, "DELETE", given.resource_id, version, _QUERIES[given.kind])
        if answer is not None:
            _follow(arm, answer, f"delete of {given.resource_id}")
        _until_missing(arm, ctx, given.resource_id, given)
        if given.kind == "vault":
            _purge_vault(ctx, arm, given)


def _purge_vault(ctx: OperationContext, arm: Arm, given: PurgeInputs) -> None:
    parts = given.resource_id.split("/")
    subscription_id, name = parts[2], parts[-1]
    deleted = (
        f"/subscriptions/{subscription_id}/providers/Microsoft.KeyVault/locations/{given.location}/deletedVaults/{name}"
    )
    answer = _unless_missing(arm, "POST", f"{deleted}/purge", _API_VERSIONS["vault"], {})
    if answer is not None:
        _follow(arm, answer, f"purge of the vault {name}")
    _until_missing(arm, ctx, deleted, given)


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


def _until_missing(arm: Arm, ctx: OperationContext, path: str, given: PurgeInputs) -> None:
    """ProviderError after _GONE_MINUTES: a purge that Azure has forgotten must not hold `down` for ever."""
    deadline = monotonic() + _GONE_MINUTES * 60
    while _unless_missing(arm, "GET", path, _API_VERSIONS[given.kind], {}) is not None:
        name = path.rpartition("/")[2]
        if monotonic() >= deadline:
            by_hand = _BY_HAND[given.kind].format(name=name, group=given.resource_id.split("/")[4])
            raise ProviderError(
                f"{path} is still there {_GONE_MINUTES} minutes after its purge was accepted, as if Azure had "
                f"forgotten it: {by_hand}, then destroy again"
            )
        ctx.status(f"waiting until {name} is gone for good")
        ctx.wait(_POLL_SECONDS)
