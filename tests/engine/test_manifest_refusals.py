"""Manifests that no configuration of ours makes, refused by the real engine's preview: nothing is sent to any hub."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.docs.errors_page import told
from tests.docs.refusals import MANIFEST
from tests.pluginbase.workspace import Workspace

pytestmark = pytest.mark.engine

PROVIDER = Path(__file__).resolve().parents[2] / "infra" / "provider"
SETTINGS = f"plugins: {{providers: [{{name: mledge, path: {PROVIDER}}}]}}\n"
PROGRAM = """
import pulumi
from edge.manifest import Module, Route, layer_content
from infra.resources.edge_deployment import EdgeDeployment, EdgeDeploymentArgs

env = {env!r}
content = layer_content(
    modules={{"scorer": Module(image="registry.example/scorer:1", env=env)}},
    routes={{"toUpstream": Route(expression={route!r})}},
)
EdgeDeployment("layer", EdgeDeploymentArgs(
    hub_host="hub.example", name="layer", kind="layer", content=content,
    target_condition={condition!r}, priority={priority!r},
))
"""
GOOD: Mapping[str, object] = {
    "env": {},
    "route": "FROM /messages/modules/scorer/outputs/* INTO $upstream",
    "condition": "tags.model = 'anomaly'",
    "priority": 20,
}
MISTAKES: Mapping[str, Mapping[str, object]] = {
    "large": {"env": {f"PART{number}": "x" * 4000 for number in range(9)}},
    "value": {"env": {"MODEL": "x" * 5000}},
    "route": {"route": "FROM /messages/* WHERE celsius > 25 INTO $upstream"},
    "module": {"route": 'FROM /messages/* INTO BrokeredEndpoint("/modules/scorre/inputs/amlInput")'},
    "condition": {"condition": "tags.model is anomaly"},
    "priority": {"priority": 5},
}
# A page of them is no answer: the frame of the engine and one finding fit in this.
LONGEST_OUTPUT = 2500


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Side by side: after a refusal the engine takes five seconds to end its language host."""

    def preview(case: str) -> str:
        program = PROGRAM.format(**{**GOOD, **MISTAKES[case]})
        workspace = Workspace(tmp_path_factory.mktemp(case), program, settings=SETTINGS)
        return workspace.run("preview", "-s", "dev", succeeds=False)

    tmp_path_factory.getbasetemp()  # made by the first who asks: not by several threads at once
    with ThreadPoolExecutor(len(MISTAKES)) as pool:
        return dict(zip(MISTAKES, pool.map(preview, MISTAKES), strict=True))


@pytest.mark.parametrize("case", MISTAKES)
def test_a_bad_manifest_is_refused_in_the_preview_as_the_page_says(previews: Mapping[str, str], case: str) -> None:
    (error,) = told(previews[case])
    assert "Traceback" not in previews[case]
    assert len(previews[case]) < LONGEST_OUTPUT
    MANIFEST.check(case, error)


def test_the_same_manifest_without_a_mistake_is_not_refused(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, PROGRAM.format(**GOOD), settings=SETTINGS)
    assert told(workspace.run("preview", "-s", "dev")) == []
