"""`mledge:azure:Purge`: on delete, removes for good what Azure only soft-deletes, so that the name is free again.

It must run before azure-native's own delete, which then finds nothing: `cloud.purge` says why.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated

from cloud.arm import Arm
from cloud.purge import API_VERSIONS, StillThere, purge
from infra.provider.inputs import Inputs, one_of, text
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource


class PurgeInputs(Inputs, frozen=True):
    kind: Annotated[str, one_of(API_VERSIONS)]
    resource_id: Annotated[
        str,
        text(
            "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+(?:/[^/]+/[^/]+)+",
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
        try:
            purge(ctx, Arm(ctx), given.kind, given.resource_id, given.location)
        except StillThere as error:
            raise ProviderError(str(error)) from error
