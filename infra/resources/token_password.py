"""`mledge:acr:TokenPassword`: a generated password of a registry token: shown once by ARM, not made by azure-native."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class TokenPasswordArgs:
    subscription_id: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    registry_name: pulumi.Input[str]
    token_name: pulumi.Input[str]
    token_id: pulumi.Input[str]
    rotation: pulumi.Input[int] = 0


class TokenPassword(MledgeResource):
    resource_type = "mledge:acr:TokenPassword"
    outputs = ("username", "password")
    secret_outputs = ("password",)

    def __init__(self, name: str, args: TokenPasswordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def username(self) -> pulumi.Output[str]:
        return self.output("username")

    @property
    def password(self) -> pulumi.Output[str]:
        return self.output("password")
