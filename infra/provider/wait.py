"""A resource that makes nothing: its creation, and each change of its inputs, ends when something has come true."""

from __future__ import annotations

from pluginbase.resource import OperationContext, Properties, Resource


class Wait(Resource):
    def wait(self, ctx: OperationContext, inputs: Properties) -> None:
        """Returns when it is true. Raises ProviderError where it does not come true in time."""
        raise NotImplementedError(f"{self.token} waits for nothing")

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        self.wait(ctx, inputs)
        return ctx.name, dict(inputs)

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        self.wait(ctx, news)
        return dict(news)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """Nothing was made."""
