"""The toy provider under the real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pluginbase.toy import REFUSED, UNREADY
from tests.pluginbase.workspace import Workspace

pytestmark = pytest.mark.engine

PASSWORD = "correct-horse-battery"
PROGRAM = f"""
import pulumi

class Box(pulumi.CustomResource):
    def __init__(self, name, properties):
        super().__init__("toy:index:Box", name, {{**properties, "serial": None, "token": None}})

size = pulumi.Config().require_int("size")
parts = [{{"key": "k", "value": pulumi.Output.secret("nested-{PASSWORD}")}}]
outer = Box("outer", {{"name": "outer", "size": size, "password": pulumi.Output.secret("{PASSWORD}"), "parts": parts}})
Box("inner", {{"name": "inner", "parts": [{{"key": outer.serial}}]}})
"""
SETTINGS = "plugins: {providers: [{name: toy, path: ./plugin}]}\n"


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    folder = tmp_path / "boxes"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(tmp_path: Path, boxes: Path) -> Workspace:
    workspace = Workspace(tmp_path, PROGRAM, settings=SETTINGS)
    workspace.environment["TOY_BOXES"] = str(boxes)
    workspace.launcher(workspace.folder / "plugin" / "pulumi-resource-toy", "tests.pluginbase.toy")
    return workspace


def stored(boxes: Path, name: str) -> dict[str, object]:
    box: dict[str, object] = json.loads((boxes / f"{name}.json").read_text())
    return box


def test_a_stack_lives_through_the_real_engine(shop: Workspace, boxes: Path) -> None:
    shop.set("size", 2)
    assert shop.changes("preview") == {"create": 3}
    shop.up()
    assert shop.changes("preview") == {"same": 3}
    state = (shop.state / ".pulumi" / "stacks" / "shop" / "dev.json").read_text()
    assert PASSWORD not in state and "token-of-outer" not in state and '"ciphertext"' in state

    shop.set("size", 3)
    assert shop.changes("preview") == {"same": 2, "update": 1}, "a stable output keeps its dependents still"
    shop.up()
    assert stored(boxes, "outer")["size"] == 3

    (boxes / "outer.json").write_text(json.dumps({**stored(boxes, "outer"), "size": 77}))
    assert "size: 3 => 77" in shop.run("refresh", "--preview-only", "--diff", "-s", "dev")
    (boxes / "inner.json").unlink()
    shop.up("--refresh")
    assert stored(boxes, "outer")["size"] == 3
    assert stored(boxes, "inner")["size"] == 1

    shop.run("destroy", "--yes", "-s", "dev")
    assert list(boxes.iterdir()) == []
    assert shop.resources() == []


def test_failures_are_told_and_mended_by_the_next_up(shop: Workspace) -> None:
    shop.set("size", "0")
    assert "size value {0} has a problem: expected a whole number above 0, got 0" in shop.up(succeeds=False)

    shop.set("size", UNREADY)
    assert "a box of size 13 does not close" in shop.up(succeeds=False)
    (outer,) = [resource for resource in shop.resources() if resource["urn"].endswith("::outer")]
    assert outer["initErrors"] == ["a box of size 13 does not close"]

    shop.set("size", REFUSED)
    refused = shop.up(succeeds=False)
    assert "error: no board is large enough for outer ([secret])" in refused
    assert "Traceback" not in refused

    shop.set("size", 1)
    shop.up()
    assert shop.changes("preview") == {"same": 3}
    assert PASSWORD not in "".join(path.read_text() for path in shop.state.rglob("*.json"))
