"""`mledge:ml:RegisteredModel`: an artifact as a version of a model in an Azure ML workspace.

The version is the digest's first 12 digits, so one artifact is one version, wherever and however often it was trained.
There is no delete for a version: history stays. Deleting archives, creating an archived version brings it back.
https://learn.microsoft.com/azure/machine-learning/how-to-manage-models
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clone.layout import Clone
from cloud.arm import Arm
from contracts.card import version_of
from infra.provider.artifacts import find_artifact
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Checks
from infra.provider.workspace import Models, Workspace, workspace_of
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource

API_VERSION = "2024-10-01"
_PLACE = ("subscriptionId", "resourceGroupName", "workspaceName", "name")
_METRIC, _DATA, _DIGEST = "metric.", "dataSha256", "digest"


class RegisteredModel(Resource):
    token = "mledge:ml:RegisteredModel"  # noqa: S105 - a resource type
    replace_on = frozenset({*_PLACE, "digest"})
    stable_outputs = ("version", "modelId")

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        checks = Checks(news)
        checks.only((*_PLACE, "digest", "card"), ("source",))
        checks.text("digest", r"[0-9a-f]{64}", "64 digits of 0-9a-f are wanted")
        checks.text("name", r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}", "1 to 255 letters, digits and _ . - are allowed")
        checks.mapping("card")
        return news, checks.failures

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        names = (*_PLACE, "digest")
        known = all(isinstance(inputs.get(name), str) for name in names)
        return {**inputs, **_outputs(inputs)} if known else dict(inputs)

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        outputs = _outputs(inputs)
        models, name, version = Models(ctx, _workspace(inputs)), inputs["name"], outputs["version"]
        found = models.get(name, version)
        if found is None:
            folder = find_artifact(ctx, self._clone, inputs["digest"], inputs.get("source") or {})
            ctx.status(f"registering {name}:{version} in {inputs['workspaceName']}")
            models.register(name, version, folder, _tags(inputs))
        else:
            registered = (found.tags or {}).get(_DIGEST)
            if registered != inputs["digest"]:
                raise ProviderError(
                    f"the model {name}:{version} of {inputs['workspaceName']} exists already and is the artifact "
                    f"{registered!r}, not {inputs['digest']!r}: another name is needed"
                )
            ctx.log(f"{name}:{version} is registered already and is used again")
            models.restore(name, version)
            _set_tags(ctx, outputs["modelId"], inputs)
        return outputs["modelId"], {**inputs, **outputs}

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        workspace, name, version = workspace_of(id)
        with gone_if_missing():
            found = Arm(ctx).get(id, API_VERSION).body
        properties = found.get("properties") or {}
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
        _set_tags(ctx, id, news)
        return {**state, **news}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        workspace, name, version = workspace_of(id)
        with gone_if_missing():
            Models(ctx, workspace).archive(name, version)


def _workspace(inputs: Properties) -> Workspace:
    return Workspace(
        subscription_id=inputs["subscriptionId"],
        resource_group=inputs["resourceGroupName"],
        name=inputs["workspaceName"],
    )


def _outputs(inputs: Properties) -> dict[str, str]:
    version = version_of(inputs["digest"])
    return {"version": version, "modelId": _workspace(inputs).model_id(inputs["name"], version)}


def _set_tags(ctx: OperationContext, id: str, inputs: Properties) -> None:
    arm = Arm(ctx)
    found = arm.get(id, API_VERSION).body["properties"]
    if found.get("tags") != _tags(inputs):
        arm.request("PUT", id, API_VERSION, body={"properties": {**found, "tags": _tags(inputs)}})


def _tags(inputs: Properties) -> dict[str, str]:
    card: Mapping[str, Any] = inputs["card"]
    metrics = {f"{_METRIC}{name}": repr(float(value)) for name, value in (card.get("metrics") or {}).items()}
    return {_DIGEST: inputs["digest"], _DATA: str(card.get("dataSha256", "")), **metrics}


def _card(tags: Mapping[str, str]) -> Properties:
    metrics = {name[len(_METRIC) :]: _number(value) for name, value in tags.items() if name.startswith(_METRIC)}
    return {"metrics": metrics, "dataSha256": tags.get(_DATA, "")}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
