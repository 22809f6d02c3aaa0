"""`mledge:secret:Key`: a random key, so that no further plugin is needed for one."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated

from msgspec import Meta

from infra.provider.inputs import Inputs, Rotation
from pluginbase.resource import Failure, OperationContext, Properties, Resource


class KeyInputs(Inputs, frozen=True):
    bytes: Annotated[int, Meta(ge=16, le=128)] = 32
    rotation: Rotation = 0


class Key(Resource):
    token = "mledge:secret:Key"  # noqa: S105 - a resource type
    secret_outputs = frozenset({"value"})

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return KeyInputs.check(news)

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return ctx.name, self.update(ctx, ctx.name, {}, inputs, {})

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        value = base64.urlsafe_b64encode(secrets.token_bytes(KeyInputs.of(news).bytes)).decode().rstrip("=")
        return {**news, "value": value}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """It lives in the state alone."""
