"""`mledge:ml:EnvironmentVersion`: an image, and where it answers, as Azure ML names it for a deployment.

A version stays as it is, and stays when nobody names it any more: the deployment before is of the one before, and a
model that is taken back finds its own again. azure-native refuses to make what is there (`cannot create already
existing resource`): no `up` could go back. They go with the workspace.
https://learn.microsoft.com/rest/api/azureml/environment-versions/create-or-update
"""

from __future__ import annotations

from typing import Annotated, Any

from cloud.arm import Arm
from cloud.azureml.online_endpoint import API_VERSION
from cloud.errors import ServiceError, is_missing
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, text
from pluginbase.resource import Failure, OperationContext, Properties, Resource


class EnvironmentVersionInputs(Inputs, frozen=True):
    version_id: Annotated[
        str, text(r"/subscriptions/.+/environments/[^/]+/versions/[^/]+", "an environment version's resource id")
    ]
    """Says the content: another image, or other routes, have another."""
    workspace_name: str
    """It goes with its workspace, and is made anew with it."""
    image: str
    routes: dict[str, str]
    """`liveness`, `readiness`, `scoring` -> path."""
    port: int

    def body(self) -> dict[str, Any]:
        routes = {f"{name}Route": {"path": path, "port": self.port} for name, path in self.routes.items()}
        return {"properties": {"image": self.image, "osType": "Linux", "inferenceConfig": routes}}


class EnvironmentVersion(Resource):
    token = "mledge:ml:EnvironmentVersion"  # noqa: S105 - a resource type
    replace_on = frozenset({"workspaceName"})

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return EnvironmentVersionInputs.check(news)

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return ctx.name, _there(ctx, inputs)

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        with gone_if_missing():
            Arm(ctx).get(str(inputs["versionId"]), API_VERSION)
        return id, inputs, state

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        return _there(ctx, news)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """Nothing goes before the workspace does."""


def _there(ctx: OperationContext, inputs: Properties) -> Properties:
    given, arm = EnvironmentVersionInputs.of(inputs), Arm(ctx)
    try:
        arm.get(given.version_id, API_VERSION)
    except ServiceError as error:
        if not is_missing(error):
            raise
        name, _, version = given.version_id.split("/")[-3:]
        answer = arm.request("PUT", given.version_id, API_VERSION, body=given.body())
        arm.follow(answer, f"environment {name}:{version}")
    return dict(inputs)
