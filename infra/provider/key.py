"""`mledge:secret:Key`: a random key, so that no further plugin is needed for one."""

from __future__ import annotations

import base64
import secrets

from infra.provider.inputs import Checks, with_defaults
from pluginbase.resource import Failure, OperationContext, Properties, Resource


class Key(Resource):
    token = "mledge:secret:Key"  # noqa: S105 - a resource type
    secret_outputs = frozenset({"value"})

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        news = with_defaults(news, bytes=32, rotation=0)
        checks = Checks(news)
        checks.only(("bytes", "rotation"))
        checks.whole("bytes", 16, 128)
        checks.whole("rotation", 0, 1_000_000)
        return news, checks.failures

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return ctx.name, self.update(ctx, ctx.name, {}, inputs, {})

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        value = base64.urlsafe_b64encode(secrets.token_bytes(news["bytes"])).decode().rstrip("=")
        return {**news, "value": value}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """It lives in the state alone."""
