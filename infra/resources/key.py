"""`mledge:secret:Key`: a random key, made by the provider and kept secret."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    bytes: pulumi.Input[int] = 32
    rotation: pulumi.Input[int] = 0


class Key(MledgeResource):
    resource_type = "mledge:secret:Key"
    outputs = ("value",)
    secret_outputs = ("value",)

    def __init__(self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def value(self) -> pulumi.Output[str]:
        return self.output("value")
