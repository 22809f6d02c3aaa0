"""`mledge:ml:RegisteredModel`: an artifact as a version of a model in an Azure ML workspace.

The version is the digest's first 12 digits, so one artifact is one version, wherever and however often it was trained.
There is no delete for a version: history stays. Deleting archives, creating an archived version brings it back.
https://learn.microsoft.com/azure/machine-learning/how-to-manage-models
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

from clone.layout import Clone
from cloud.arm import Arm
from contracts.card import version_of
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, Sha256, text
from infra.provider.local.recover_artifact import ArtifactSource, recover_artifact
from infra.provider.services.model_registry import ModelRegistry, Workspace, workspace_of
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource

API_VERSION = "2024-10-01"
_NAMES = ("subscriptionId", "resourceGroupName", "workspaceName", "name")
_METRIC, _DATA, _DIGEST = "metric.", "dataSha256", "digest"


class RegisteredModelInputs(Inputs, frozen=True):
    subscription_id: str
    resource_group_name: str
    workspace_name: str
    name: Annotated[str, text("[A-Za-z0-9][A-Za-z0-9_.-]{0,254}", "1 to 255 letters, digits and _ . - are allowed")]
    digest: Sha256
    card: dict[str, Any]
    source: ArtifactSource | None = None

    @property
    def workspace(self) -> Workspace:
        return Workspace(
            subscription_id=self.subscription_id, resource_group=self.resource_group_name, name=self.workspace_name
        )

    @property
    def version(self) -> str:
        return version_of(self.digest)

    @property
    def tags(self) -> dict[str, str]:
        """What the workspace shows of the card."""
        metrics = {f"{_METRIC}{name}": repr(float(value)) for name, value in (self.card.get("metrics") or {}).items()}
        return {_DIGEST: self.digest, _DATA: str(self.card.get("dataSha256", "")), **metrics}


class RegisteredModel(Resource):
    token = "mledge:ml:RegisteredModel"  # noqa: S105 - a resource type
    replace_on = frozenset({*_NAMES, "digest"})
    stable_outputs = ("version", "modelId")

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return RegisteredModelInputs.check(news)

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        naming = {name: inputs.get(name) for name in (*_NAMES, "digest")}
        if not all(isinstance(value, str) for value in naming.values()):
            return dict(inputs)
        return {**inputs, **_outputs(RegisteredModelInputs.of({**naming, "card": {}}))}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = RegisteredModelInputs.of(inputs)
        outputs = _outputs(given)
        models, name, version = ModelRegistry(ctx, given.workspace), given.name, given.version
        registered = models.get(name, version)
        if registered is None:
            folder = recover_artifact(ctx, self._clone, given.digest, given.source or ArtifactSource())
            ctx.status(f"registering {name}:{version} in {given.workspace_name}")
            models.register(name, version, folder, given.tags)
        else:
            digest = (registered.tags or {}).get(_DIGEST)
            if digest != given.digest:
                raise ProviderError(
                    f"the model {name}:{version} of {given.workspace_name} exists already and is the artifact "
                    f"{digest!r}, not {given.digest!r}: another name is needed"
                )
            ctx.log(f"{name}:{version} is registered already and is used again")
            models.restore(name, version)
            _set_tags(ctx, outputs["modelId"], given.tags)
        return outputs["modelId"], {**inputs, **outputs}

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        workspace, name, version = workspace_of(id)
        with gone_if_missing():
            model = Arm(ctx).get(id, API_VERSION).body
        properties = model.get("properties") or {}
        if properties.get("isArchived"):
            raise Gone
        live = {
            **inputs,
            "subscriptionId": workspace.subscription_id,
            "resourceGroupName": workspace.resource_group,
            "workspaceName": workspace.name,
            "name": name,
            "digest": (properties.get("tags") or {}).get(_DIGEST, inputs.get("digest", "")),
            "card": _card(properties.get("tags") or {}),
        }
        return id, live, {**live, "version": version, "modelId": id}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """Only what the workspace shows of the card changes in place: its tags."""
        _set_tags(ctx, id, RegisteredModelInputs.of(news).tags)
        return {**state, **news}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        workspace, name, version = workspace_of(id)
        with suppress(Gone), gone_if_missing():
            ModelRegistry(ctx, workspace).archive(name, version)


def _outputs(inputs: RegisteredModelInputs) -> dict[str, str]:
    return {"version": inputs.version, "modelId": inputs.workspace.model_id(inputs.name, inputs.version)}


def _set_tags(ctx: OperationContext, id: str, tags: Mapping[str, str]) -> None:
    arm = Arm(ctx)
    properties = arm.get(id, API_VERSION).body["properties"]
    if properties.get("tags") != tags:
        arm.request("PUT", id, API_VERSION, body={"properties": {**properties, "tags": tags}})


def _card(tags: Mapping[str, str]) -> Properties:
    metrics = {name[len(_METRIC) :]: _number(value) for name, value in tags.items() if name.startswith(_METRIC)}
    return {"metrics": metrics, "dataSha256": tags.get(_DATA, "")}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
