"""`mledge:acr:TokenPassword`: a generated password of a registry token.

https://learn.microsoft.com/rest/api/containerregistry/registries/generate-credentials
A token has two passwords; a rotation generates the one that is not in use, so that the other goes on working until the
devices have the new one. azure-native has no such call (pulumi-azure-native #3099), and ARM shows a value only once.
"""

from __future__ import annotations

from typing import Any

from cloud.arm import Arm
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Checks, with_defaults
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource

API_VERSION = "2025-11-01"
_PLACE = ("subscriptionId", "resourceGroupName", "registryName", "tokenName", "tokenId")


class TokenPassword(Resource):
    token = "mledge:acr:TokenPassword"  # noqa: S105 - a resource type
    secret_outputs = frozenset({"password"})
    replace_on = frozenset(_PLACE)
    delete_before_replace = True
    stable_outputs = ("username",)

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        news = with_defaults(news, rotation=0)
        checks = Checks(news)
        checks.only((*_PLACE, "rotation"))
        checks.whole("rotation", 0, 1_000_000)
        checks.text("registryName", r"[A-Za-z0-9]{5,50}", "5 to 50 letters and digits are allowed")
        checks.text("tokenName", r"[A-Za-z0-9-]{5,50}", "5 to 50 letters, digits and - are allowed")
        return news, checks.failures

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
        registry = (
            f"/subscriptions/{inputs['subscriptionId']}/resourceGroups/{inputs['resourceGroupName']}"
            f"/providers/Microsoft.ContainerRegistry/registries/{inputs['registryName']}"
        )
        name = "password1" if inputs["rotation"] % 2 == 0 else "password2"
        what = f"password of the token {inputs['tokenName']!r} of {inputs['registryName']}"
        # without `name` both passwords would be made anew, and devices in the field locked out
        body = {"tokenId": inputs["tokenId"], "name": name}
        arm = Arm(ctx)
        answer = arm.request("POST", f"{registry}/generateCredentials", API_VERSION, body=body)
        result = arm.follow(answer, what).body or {}
        made = next((entry for entry in result.get("passwords") or () if entry.get("name") == name), None)
        if made is None or not made.get("value"):
            raise ProviderError(f"{what}: the registry answered without a value for {name}")
        return {
            **inputs,
            "username": result.get("username") or inputs["tokenName"],
            "password": made["value"],
            "passwordName": name,
            "expiry": made.get("expiry") or "",
        }
