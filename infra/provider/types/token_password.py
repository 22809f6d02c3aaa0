"""`mledge:acr:TokenPassword`: a generated password of a registry token.

https://learn.microsoft.com/rest/api/containerregistry/registries/generate-credentials
A token has two passwords; a rotation generates the one that is not in use, so that the other goes on working until the
devices have the new one. azure-native has no such call (pulumi-azure-native #3099), and ARM shows a value only once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from cloud.arm import Arm
from cloud.errors import ServiceError
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, Rotation, text
from infra.provider.undisturbed import AT_ONCE
from pluginbase.diff import Change
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource

API_VERSION = "2025-11-01"
_CREATED = "createdAt"
# Two answers may round one time differently.
_APART_SECONDS = 1.5


class TokenPasswordInputs(Inputs, frozen=True):
    subscription_id: str
    resource_group_name: str
    registry_name: Annotated[str, text("[A-Za-z0-9]{5,50}", "5 to 50 letters and digits are allowed")]
    token_name: Annotated[str, text("[A-Za-z0-9-]{5,50}", "5 to 50 letters, digits and - are allowed")]
    token_id: str
    rotation: Rotation = 0

    @property
    def registry_id(self) -> str:
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group_name}"
            f"/providers/Microsoft.ContainerRegistry/registries/{self.registry_name}"
        )


class TokenPassword(Resource):
    token = "mledge:acr:TokenPassword"  # noqa: S105 - a resource type
    secret_outputs = frozenset({"password"})
    replace_on = frozenset({"subscriptionId", "resourceGroupName", "registryName", "tokenName", "tokenId"})
    delete_before_replace = True
    diff_asks_service = True
    stable_outputs = ("username",)

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs, failures = TokenPasswordInputs.check(news)
        return inputs, [*failures, *(_refused_step(olds, inputs) if not failures else ())]

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """Two rows can speak of one password (a logical name that changed, and back): what the other one generated has
        ended this one's."""
        found = super().diff(ctx, id, olds, news, state)
        if not found and _made_anew_since(ctx, id, state):
            ctx.log(
                f"{state.get('passwordName')} of {id} was made anew by somebody else; `up` makes it again", "warning"
            )
            return [Change((_CREATED,), "update")]
        return found

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return f"{inputs['tokenId']}/passwords", self._generate(ctx, inputs)

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        return self._generate(ctx, news)

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        """The value is shown only once; what can be seen is whether the token still has this password."""
        with gone_if_missing():
            token = Arm(ctx).get(id.removesuffix("/passwords"), API_VERSION).body
        credentials: Any = (token.get("properties") or {}).get("credentials") or {}
        names = {entry.get("name") for entry in credentials.get("passwords") or ()}
        if names and state.get("passwordName") not in names:
            raise Gone
        return id, inputs, state

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """A password goes with its token."""

    def _generate(self, ctx: OperationContext, inputs: Properties) -> Properties:
        given = TokenPasswordInputs.of(inputs)
        name = "password1" if given.rotation % 2 == 0 else "password2"
        what = f"password of the token {given.token_name!r} of {given.registry_name}"
        # without `name` both passwords would be made anew, and devices in the field locked out
        body = {"tokenId": given.token_id, "name": name}
        result = Arm(ctx).action(f"{given.registry_id}/generateCredentials", API_VERSION, body, what) or {}
        made = next((entry for entry in result.get("passwords") or () if entry.get("name") == name), None)
        if made is None or not made.get("value"):
            raise ProviderError(f"{what}: the registry answered without a value for {name}")
        return {
            **inputs,
            "username": result.get("username") or given.token_name,
            "password": made["value"],
            "passwordName": name,
            "expiry": made.get("expiry") or "",
            _CREATED: made.get("creationTime") or "",
        }


def _refused_step(olds: Properties, news: Properties) -> Iterator[Failure]:
    """Two steps at once would make the password anew that devices pull with."""
    was, wanted = olds.get("rotation"), news["rotation"]
    if (
        not isinstance(was, int | float)
        or not isinstance(wanted, int | float)
        or olds.get("tokenId") != news["tokenId"]
    ):
        return
    if was != wanted and (wanted - was) % 2 == 0:
        yield Failure(
            "rotation", f"{wanted:.0f} after {was:.0f} ends the password that devices pull with; {was + 1:.0f} is next"
        )


def _made_anew_since(ctx: OperationContext, id: str, state: Properties) -> bool:
    """By the token's own dates. False where the registry does not answer at once, and of rows of older code."""
    if not state.get(_CREATED):
        return False
    try:
        token = Arm(ctx, AT_ONCE).get(id.removesuffix("/passwords"), API_VERSION).body
    except ServiceError:
        return False
    credentials: Any = (token.get("properties") or {}).get("credentials") or {}
    found = {entry.get("name"): entry.get("creationTime") for entry in credentials.get("passwords") or ()}
    created = found.get(state.get("passwordName"))
    return isinstance(created, str) and _seconds(created) - _seconds(state[_CREATED]) > _APART_SECONDS


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
