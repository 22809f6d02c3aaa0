"""RegisteredModel against a workspace in a dict: another artifact is another version of one resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cloud.arm import Answer
from cloud.errors import ServiceError
from infra.provider.services.model_registry import ModelRegistry
from infra.provider.types.registered_model import RegisteredModel
from pluginbase.resource import Gone, ProviderError
from pluginbase.values import UNKNOWN
from tests.infra.provider.fake_arm import missing, ok
from tests.infra.provider.recorder import Recorder, checked

RESOURCE = RegisteredModel()
WORKSPACE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
MODEL = f"{WORKSPACE}/models/anomaly"
JOB, CREATED = "anomaly-0123456789ab-1", "2026-11-29T10:00:00Z"
LINEAGE = {"job": JOB, "jobCreated": CREATED, "commit": "c" * 40, "dirty": "false"}
A, B = "a" * 12, "b" * 12


class FakeWorkspace:
    """The versions of one model, behind ARM."""

    def __init__(self) -> None:
        self.versions: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, str] = {}
        """When each was made."""
        self.refused: str | None = None
        """The version whose next change is refused."""

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        path = urlsplit(url).path
        if path == f"{MODEL}/versions":
            return ok({"value": [self._body(name) for name in self.versions]})
        name = path.rpartition("/")[2]
        if path == f"{WORKSPACE}/jobs/{name}" and name in self.jobs:
            return ok({"name": name, "properties": {}, "systemData": {"createdAt": self.jobs[name]}})
        if name not in self.versions:
            raise missing(path)
        if method == "PUT":
            if self.refused == name:
                self.refused = None
                raise ServiceError(what, 400, "UserError", "not today")
            self.versions[name] = body["properties"]
        return ok(self._body(name))

    def _body(self, name: str) -> dict[str, Any]:
        return {"id": f"{MODEL}/versions/{name}", "name": name, "properties": self.versions[name]}

    def register(self, model: str, version: str, path: str, tags: Mapping[str, str]) -> None:
        self.versions[version] = {"tags": dict(tags), "isArchived": False, "modelUri": path}

    @property
    def active(self) -> list[str]:
        return sorted(name for name, properties in self.versions.items() if not properties["isArchived"])


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWorkspace]:
    fake = FakeWorkspace()
    monkeypatch.setattr("cloud.arm._send", fake.send)
    monkeypatch.setattr(ModelRegistry, "register", lambda self, *arguments: fake.register(*arguments))
    monkeypatch.setattr("infra.provider.types.registered_model.require", lambda ctx, workspace: None)
    monkeypatch.setattr("infra.provider.types.registered_model.artifact_copy", lambda *_: nullcontext(Path()))
    yield fake


def _inputs(letter: str) -> dict[str, Any]:
    place = {"subscriptionId": "s", "resourceGroupName": "rg", "workspaceName": "ws", "name": "anomaly"}
    card = {"metrics": {"accuracy": 0.99}, "dataSha256": "d" * 64}
    return checked(RESOURCE, {**place, "digest": letter * 64, "card": card})


def _changed(id: str, inputs: dict[str, Any], state: dict[str, Any]) -> bool:
    return bool(RESOURCE.diff(Recorder(), id, inputs, inputs, state))


def test_another_artifact_is_an_update_and_the_version_before_is_archived(workspace: FakeWorkspace) -> None:
    a, b = _inputs("a"), _inputs("b")
    id, state = RESOURCE.create(Recorder(), a)
    assert (id, state["modelId"]) == (MODEL, f"{MODEL}/versions/{A}")
    assert [change.replace for change in RESOURCE.diff(Recorder(), id, a, b, state)] == [False]
    updated = RESOURCE.update(Recorder(), id, a, b, state)
    assert workspace.active == [B]
    assert (updated["version"], updated["mark"]) == (B, state["mark"])
    assert RESOURCE.read(Recorder(), id, b, updated) == (id, b, updated)
    assert not _changed(id, b, updated)
    back = RESOURCE.update(Recorder(), id, b, a, updated)
    assert workspace.active == [A]
    RESOURCE.delete(Recorder(), id, a, back)
    assert workspace.active == []
    with pytest.raises(Gone):
        RESOURCE.read(Recorder(), id, a, back)


def test_the_preview_of_an_update_knows_the_new_version(workspace: FakeWorkspace) -> None:
    state = {**_inputs("a"), "version": A, "modelId": f"{MODEL}/versions/{A}", "mark": "m"}
    shown = RESOURCE.preview_update(Recorder(), MODEL, _inputs("a"), _inputs("b"), state)
    assert (shown["version"], shown["modelId"], shown["mark"]) == (B, f"{MODEL}/versions/{B}", "m")
    unknown = RESOURCE.preview_update(Recorder(), MODEL, _inputs("a"), {**_inputs("b"), "digest": UNKNOWN}, state)
    assert unknown["version"] is unknown["modelId"] is UNKNOWN
    card = {**_inputs("a"), "card": {"metrics": {}, "dataSha256": ""}}
    assert RESOURCE.preview_update(Recorder(), MODEL, _inputs("a"), card, state)["version"] == A


@pytest.mark.parametrize("known", [False, True])
def test_an_update_that_fails_leaves_the_version_before(workspace: FakeWorkspace, known: bool) -> None:
    a, b = _inputs("a"), _inputs("b")
    id, state = RESOURCE.create(Recorder(), a)
    if known:
        state = RESOURCE.update(Recorder(), id, b, a, RESOURCE.update(Recorder(), id, a, b, state))
    workspace.refused = A
    with pytest.raises(ProviderError, match=rf"not today; {A} is registered as before"):
        RESOURCE.update(Recorder(), id, a, b, state)
    assert workspace.active == [A]
    assert not _changed(id, a, state)


def test_a_row_archives_only_what_carries_its_mark(workspace: FakeWorkspace) -> None:
    a = _inputs("a")
    id, old_row = RESOURCE.create(Recorder(), a)
    _, new_row = RESOURCE.create(Recorder(), a)
    RESOURCE.delete(Recorder(), id, a, old_row)
    assert workspace.active == [A]
    # the program goes back to the old row
    assert _changed(id, a, old_row)
    RESOURCE.update(Recorder(), id, a, a, old_row)
    RESOURCE.delete(Recorder(), id, a, new_row)
    assert workspace.active == [A]
    assert not _changed(id, a, old_row)


def test_what_a_killed_update_left_is_seen_and_archived(workspace: FakeWorkspace) -> None:
    a, b = _inputs("a"), _inputs("b")
    id, state = RESOURCE.create(Recorder(), a)
    updated = RESOURCE.update(Recorder(), id, a, b, state)
    # killed before its answer was read: the state still says A
    assert _changed(id, a, state)
    RESOURCE.update(Recorder(), id, a, a, state)
    assert workspace.active == [A]
    workspace.versions[B]["isArchived"] = False
    assert _changed(id, a, state)
    RESOURCE.delete(Recorder(), id, a, state)
    assert workspace.active == []
    assert updated["version"] == B


def test_a_row_of_older_code_is_read_updated_and_deleted(workspace: FakeWorkspace) -> None:
    a, b = _inputs("a"), _inputs("b")
    id = f"{MODEL}/versions/{A}"
    state = {**a, "version": A, "modelId": id}
    workspace.register(
        "anomaly", A, "azureml://x", {"digest": "a" * 64, "dataSha256": "d" * 64, "metric.accuracy": "0.99"}
    )
    assert not _changed(id, a, state)
    assert RESOURCE.read(Recorder(), id, a, state) == (id, a, state)
    updated = RESOURCE.update(Recorder(), id, a, b, state)
    assert workspace.active == [B]
    assert RESOURCE.read(Recorder(), id, b, updated) == (id, b, updated)
    # its pending row deletes nothing that has been marked since, and else what it names
    RESOURCE.delete(Recorder(), f"{MODEL}/versions/{B}", b, {**b, "version": B, "modelId": f"{MODEL}/versions/{B}"})
    assert workspace.active == [B]
    workspace.versions[A]["isArchived"] = False
    RESOURCE.delete(Recorder(), id, a, state)
    assert workspace.active == [B]


@pytest.mark.parametrize("id", [MODEL, f"{MODEL}/versions/{A}"])
def test_a_model_is_imported_by_either_id(workspace: FakeWorkspace, id: str) -> None:
    a = _inputs("a")
    _, state = RESOURCE.create(Recorder(), a)
    assert RESOURCE.read(Recorder(), id, {}, {}) == (id, a, state)


def test_a_version_of_another_artifact_is_not_taken(workspace: FakeWorkspace) -> None:
    workspace.register("anomaly", A, "azureml://x", {"digest": "c" * 64})
    with pytest.raises(ProviderError, match="exists already and is the artifact 'ccc"):
        RESOURCE.create(Recorder(), _inputs("a"))


def test_what_a_cluster_trained_is_registered_from_its_jobs_output_with_where_it_comes_from(
    workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.provider.types.registered_model.artifact_copy", lambda *_: pytest.fail("uploaded"))
    workspace.jobs[JOB] = CREATED

    RESOURCE.create(Recorder(), {**_inputs("a"), "lineage": LINEAGE})

    registered = workspace.versions[A]
    assert registered["modelUri"] == f"azureml://jobs/{JOB}/outputs/model/paths/"
    assert LINEAGE.items() <= registered["tags"].items()


@pytest.mark.parametrize("jobs", [{}, {JOB: "2026-11-30T10:00:00Z"}], ids=["none", "another of its name"])
def test_a_workspace_that_was_made_anew_gets_a_copy_as_its_job_is_no_more(
    workspace: FakeWorkspace, jobs: dict[str, str]
) -> None:
    workspace.jobs.update(jobs)
    context = Recorder()

    RESOURCE.create(context, {**_inputs("a"), "lineage": LINEAGE})

    assert not workspace.versions[A]["modelUri"].startswith("azureml://jobs/")
    assert LINEAGE.items() <= workspace.versions[A]["tags"].items()
    assert any(JOB in message and "a copy is uploaded" in message for message in context.logs)
