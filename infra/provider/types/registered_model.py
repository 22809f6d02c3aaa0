"""`mledge:ml:RegisteredModel`: an artifact as a version of a model in an Azure ML workspace.

The version is the digest's first 12 digits, so one artifact is one version, wherever and however often it was trained.
Another artifact is an update: its version is registered, then the one before is archived. There is no delete for a
version: history stays. Deleting archives, registering an archived version brings it back.
https://learn.microsoft.com/azure/machine-learning/how-to-manage-models
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Annotated, Any

from clone.layout import Clone
from cloud.arm import Arm
from cloud.azureml.jobs import Jobs
from cloud.errors import ServiceError
from contracts.card import version_of
from infra.provider import marks
from infra.provider.azureml import lineage
from infra.provider.azureml.output import registered_from
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, Sha256, text
from infra.provider.local.recover_artifact import ArtifactSource, artifact_copy
from infra.provider.services.ml_client import Workspace, require
from infra.provider.services.model_registry import ModelRegistry, workspace_of
from infra.provider.services.model_versions import ModelVersion, ModelVersions
from infra.provider.undisturbed import AT_ONCE, PUT_BACK_LIMITS, Undisturbed
from pluginbase.diff import Change
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource
from pluginbase.values import UNKNOWN

_NAMES = ("subscriptionId", "resourceGroupName", "workspaceName", "name")
_METRIC, _DATA, _DIGEST, _MARK = "metric.", "dataSha256", "digest", "edgewayMark"


class RegisteredModelInputs(Inputs, frozen=True):
    subscription_id: str
    resource_group_name: str
    workspace_name: str
    name: Annotated[str, text("[A-Za-z0-9][A-Za-z0-9_.-]{0,254}", "1 to 255 letters, digits and _ . - are allowed")]
    digest: Sha256
    card: dict[str, Any]
    source: ArtifactSource | None = None
    lineage: dict[str, str] | None = None
    """Of what a cluster trained: `job`, `jobCreated`, `commit` and `dirty`."""

    @property
    def workspace(self) -> Workspace:
        return Workspace(
            subscription_id=self.subscription_id, resource_group=self.resource_group_name, name=self.workspace_name
        )

    @property
    def version(self) -> str:
        return version_of(self.digest)

    @property
    def model_id(self) -> str:
        """Of the model, not of a version: an update gives it another one."""
        return f"{self.workspace.id}/models/{self.name}"

    @property
    def tags(self) -> dict[str, str]:
        """What the workspace shows of the card."""
        metrics = {f"{_METRIC}{name}": repr(float(value)) for name, value in (self.card.get("metrics") or {}).items()}
        return {_DIGEST: self.digest, _DATA: str(self.card.get("dataSha256", "")), **(self.lineage or {}), **metrics}


class RegisteredModel(Resource):
    token = "mledge:ml:RegisteredModel"  # noqa: S105 - a resource type
    replace_on = frozenset(_NAMES)
    diff_asks_service = True

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return RegisteredModelInputs.check(news)

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """An `up` that died leaves the inputs as they were, and something else in the workspace: a change of the id."""
        found = super().diff(ctx, id, olds, news, state)
        if not found and (what := _astray(ctx, id, state)):
            ctx.log(f"{what}; `up` puts that right", "warning")
            return [Change(("modelId",), "update")]
        return found

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        naming = {name: inputs.get(name) for name in (*_NAMES, "digest")}
        if not all(isinstance(value, str) for value in naming.values()):
            return dict(inputs)
        return {**inputs, **_named(RegisteredModelInputs.of({**naming, "card": {}}))}

    def preview_update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        if olds.get("digest") == news["digest"]:
            return {**state, **news}
        unknown = {"version": UNKNOWN, "modelId": UNKNOWN}
        return {**state, **unknown, **self.preview_outputs(ctx, news)}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = RegisteredModelInputs.of(inputs)
        mark = marks.fresh()
        self._make(ctx, given, mark)
        return given.model_id, {**inputs, **_named(given), marks.OUTPUT: mark}

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        """Of the id of a model, which an import may name, its newest version that is not archived."""
        model_id, version = _parts(id, state)
        workspace, name, _ = workspace_of(f"{model_id}/versions/{version}")
        versions = ModelVersions(ctx, model_id)
        with gone_if_missing():
            live = versions.get(version) if version else next(iter(versions.active()), None)
        if live is None or live.archived:
            raise Gone
        seen = {
            **inputs,
            "subscriptionId": workspace.subscription_id,
            "resourceGroupName": workspace.resource_group,
            "workspaceName": workspace.name,
            "name": name,
            "digest": live.tags.get(_DIGEST, inputs.get("digest", "")),
            "card": _card(live.tags),
        }
        # an import claims what it finds; a refresh does not: another row may have taken it over
        mark = marks.of_row(state) if state else live.tags.get(_MARK)
        outputs = {**seen, "version": live.version, "modelId": versions.id_of(live.version)}
        return id, seen, {**outputs, **marks.as_output(mark)}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """Another artifact is another version: it is registered, then the one before is archived."""
        given, mark = RegisteredModelInputs.of(news), marks.kept(state)
        model_id, version = _parts(id, state)
        versions = ModelVersions(ctx, model_id)
        old, new = versions.get(version), versions.get(given.version)
        try:
            self._make(ctx, given, mark)
            for one in _carrying(versions, mark, version, marks.of_row(state)):
                if one.version != given.version:
                    versions.set(one.version, archived=True)
        except Exception as error:
            back = _put_back(ctx, model_id, given.version, mark, old, new)
            if isinstance(error, ProviderError | ServiceError):
                raise ProviderError(f"{error}{back}") from error
            raise
        return {**news, **_named(given), marks.OUTPUT: mark}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        model_id, version = _parts(id, state)
        versions = ModelVersions(ctx, model_id)
        with suppress(Gone), gone_if_missing():
            for one in _carrying(versions, marks.of_row(state), version, marks.of_row(state)):
                versions.set(one.version, archived=True)

    def _make(self, ctx: OperationContext, given: RegisteredModelInputs, mark: str) -> None:
        """Registered and not archived, with the tags that it should have."""
        name, version = given.name, given.version
        versions, tags = ModelVersions(ctx, given.model_id), {**given.tags, _MARK: mark}
        registered = versions.get(version)
        if registered is None:
            require(ctx, given.workspace)
            with self._path(ctx, given) as path:
                ctx.status(f"registering {name}:{version} in {given.workspace_name}")
                ModelRegistry(ctx, given.workspace).register(name, version, path, tags)
            return
        if registered.tags.get(_DIGEST) != given.digest:
            raise ProviderError(
                f"the model {name}:{version} of {given.workspace_name} exists already and is the artifact "
                f"{registered.tags.get(_DIGEST)!r}, not {given.digest!r}: another name is needed"
            )
        if registered.tags.get(_MARK) != mark:
            ctx.log(f"{name}:{version} is registered already and is used again")
        versions.set(version, tags=tags, archived=False)

    @contextmanager
    def _path(self, ctx: OperationContext, given: RegisteredModelInputs) -> Iterator[str]:
        """Where the workspace gets it: of its own job's output, or of a copy that is uploaded."""
        if job := _job_in_workspace(ctx, given):
            yield registered_from(job)
            return
        with artifact_copy(ctx, self._clone, given.digest, given.source or ArtifactSource()) as folder:
            yield str(folder)


def _job_in_workspace(ctx: OperationContext, given: RegisteredModelInputs) -> str | None:
    """Not after the workspace was destroyed and made anew: its jobs went with it."""
    if not given.lineage or not (name := given.lineage.get(lineage.JOB)):
        return None
    job = Jobs(Arm(ctx), given.workspace.id).get(name)
    if job is not None and lineage.is_of(given.lineage, job):
        return name
    ctx.log(f"the job {name}, which trained {given.name}, is no more in {given.workspace_name}: a copy is uploaded")
    return None


def _named(inputs: RegisteredModelInputs) -> dict[str, str]:
    return {"version": inputs.version, "modelId": inputs.workspace.model_id(inputs.name, inputs.version)}


def _parts(id: str, state: Properties) -> tuple[str, str]:
    """The model's id and the row's version: the outputs name it, and so do the ids that older code gave."""
    model_id, _, version = str(state.get("modelId", id)).partition("/versions/")
    return model_id, version


def _carrying(versions: ModelVersions, mark: str | None, own: str, row: str | None) -> list[ModelVersion]:
    """The active versions that are the row's: they carry its mark; of a row without one, its own, if nobody's is on it.
    `mark` may be one that the row gets only now."""
    active = versions.active()
    unmarked = [one for one in active if row is None and one.version == own and _MARK not in one.tags]
    return unmarked + [one for one in active if mark is not None and one.tags.get(_MARK) == mark]


def _astray(ctx: OperationContext, id: str, state: Properties) -> str | None:
    """What of the row is otherwise in the workspace; None where that does not answer at once."""
    model_id, own = _parts(id, state)
    mark = marks.of_row(state)
    try:
        mine = [one.version for one in _carrying(ModelVersions(ctx, model_id, AT_ONCE), mark, own, mark)]
    except ServiceError:
        return None
    if mine == [own]:
        return None
    name = model_id.rpartition("/")[2]
    others = ", ".join(version for version in mine if version != own)
    if others:
        return f"{others} of the model {name!r} is registered {'beside' if own in mine else 'instead of'} {own}"
    return f"{own} of the model {name!r} is archived, gone, or has another mark"


def _put_back(
    ctx: OperationContext, model_id: str, version: str, mark: str, old: ModelVersion | None, new: ModelVersion | None
) -> str:
    """How it went, as the end of the error's text."""
    versions = ModelVersions(Undisturbed(ctx), model_id, PUT_BACK_LIMITS)
    try:
        if old is not None:
            versions.set(old.version, tags=old.tags, archived=old.archived)
        if new is not None and new.tags.get(_MARK) != mark:
            versions.set(new.version, tags=new.tags, archived=new.archived)
        elif (old is None or version != old.version) and versions.get(version) is not None:
            versions.set(version, archived=True)
    except ServiceError as error:
        return f"; and what was registered before could not be put back: {error}. Run `up` again when that is mended"
    return f"; {old.version} is registered as before" if old is not None else ""


def _card(tags: Mapping[str, str]) -> Properties:
    metrics = {name[len(_METRIC) :]: _number(value) for name, value in tags.items() if name.startswith(_METRIC)}
    return {"metrics": metrics, "dataSha256": tags.get(_DATA, "")}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
