"""A resource that makes nothing: its creation, and each change of its inputs, ends when something has come true."""

from __future__ import annotations

from pluginbase.resource import Gone, OperationContext, Properties, Resource


class Wait(Resource):
    def wait(self, ctx: OperationContext, inputs: Properties) -> None:
        """Returns when it is true. Raises ProviderError where it does not come true in time."""
        raise NotImplementedError(f"{self.token} waits for nothing")

    def stands(self, ctx: OperationContext, inputs: Properties) -> bool:
        """Whether that which was waited for is still there, as far as can be seen at once."""
        return True

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        """Gone with it: where it is made again under the same name, the next `up` waits again."""
        if not self.stands(ctx, inputs):
            raise Gone
        return id, inputs, state

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
