"""Versions of environments over ARM: made once, found again, never taken away."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from cloud.arm import Answer
from infra.provider.types import EnvironmentVersion
from pluginbase.diff import Change
from pluginbase.resource import Gone, Properties
from tests.infra.provider.fake_arm import missing, ok
from tests.infra.provider.recorder import Recorder, checked, refused
from tests.infra.test_bodies import lost, read_back

FOLDER = (
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    "/environments/anomaly-scoring/versions"
)


class Versions:
    """Stands where `cloud.arm._send` stands; as in Azure a version that is there takes no other content."""

    def __init__(self) -> None:
        self.bodies: dict[str, Any] = {}
        self.writes: list[str] = []

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        path = urlsplit(url).path
        if method != "GET":
            self.writes.append(f"{method} {path.rpartition('/')[2]}")
            assert path not in self.bodies
            self.bodies[path] = copy.deepcopy(body)
        if path not in self.bodies:
            raise missing(path)
        return ok(copy.deepcopy(self.bodies[path]))


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Versions]:
    azure = Versions()
    monkeypatch.setattr("cloud.arm._send", azure.send)
    yield azure


def inputs(version: str) -> Properties:
    return checked(
        EnvironmentVersion(),
        {
            "versionId": f"{FOLDER}/{version}",
            "workspaceName": "ws",
            "image": f"cr.azurecr.io/edgeway/anomaly@sha256:{version * 64}",
            "routes": {"liveness": "/live", "readiness": "/ready", "scoring": "/score"},
            "port": 5001,
        },
    )


def test_an_image_that_is_taken_back_finds_the_version_that_it_had(azure: Versions) -> None:
    kind, ctx = EnvironmentVersion(), Recorder()
    id, state = kind.create(ctx, inputs("1"))
    state = kind.update(ctx, id, inputs("1"), inputs("2"), state)
    state = kind.update(ctx, id, inputs("2"), inputs("1"), state)
    kind.delete(ctx, id, inputs("1"), state)

    assert azure.writes == ["PUT 1", "PUT 2"]
    assert state == inputs("1")


def test_it_is_the_image_with_the_servers_routes_as_azure_reads_them(azure: Versions) -> None:
    EnvironmentVersion().create(Recorder(), inputs("1"))

    (body,) = azure.bodies.values()
    read = read_back("machinelearningservices:EnvironmentVersion", body)
    assert list(lost(body, read)) == []
    assert read["properties"]["inferenceConfig"]["scoringRoute"] == {"path": "/score", "port": 5001}


def test_another_image_is_an_update_and_another_workspace_another_version() -> None:
    kind = EnvironmentVersion()
    state = inputs("1")
    assert kind.diff(Recorder(), "e", state, inputs("2"), state) == [
        Change(("image",), "update"),
        Change(("versionId",), "update"),
    ]
    elsewhere = kind.diff(Recorder(), "e", state, {**state, "workspaceName": "other"}, state)
    assert elsewhere == [Change(("workspaceName",), "update", replace=True)]


def test_one_that_went_with_its_workspace_is_gone(azure: Versions) -> None:
    with pytest.raises(Gone):
        EnvironmentVersion().read(Recorder(), "e", inputs("1"), inputs("1"))


def test_what_is_no_versions_id_is_refused() -> None:
    (failure,) = refused(EnvironmentVersion(), {**inputs("1"), "versionId": "/subscriptions/s/environments/e"})
    assert failure.path == "versionId"
