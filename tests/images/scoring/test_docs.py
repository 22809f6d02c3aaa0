"""What the documents show is what there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from images.scoring.errors import ScoringError
from images.scoring.metrics import STATUSES
from tests.images.scoring.conftest import Serve

DOCS = Path(__file__).resolve().parents[3] / "docs"


def tiny_model() -> bytes:
    """y = 2 x"""
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None])
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None])
    two = numpy_helper.from_array(np.array([2.0], dtype=np.float32), "two")
    graph = helper.make_graph([helper.make_node("Mul", ["x", "two"], ["y"])], "g", [given], [answer], [two])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(onnx.ModelProto.SerializeToString(model))


async def test_the_entry_script_of_a_model_of_its_own_serves(serve: Serve, scripted: Callable[..., Path]) -> None:
    script = re.search(r"```python\n(.*?)```", (DOCS / "a-model-of-its-own.md").read_text(), re.DOTALL)
    assert script is not None
    folder = scripted(script[1])
    (folder / "model.onnx").write_bytes(tiny_model())
    async with serve(folder) as served:
        assert (await served.score({"x": 3})).json == {"y": 6.0}
        assert (await served.score([{"x": 1}, {"x": 2}])).json == [{"y": 2.0}, {"y": 4.0}]
        refused = await served.score({"x": 1e7})
        assert (refused.status, refused.error["path"]) == (400, "$.x")


async def test_the_page_of_the_contract_has_every_route_and_status(serve: Serve) -> None:
    page = (DOCS / "scoring.md").read_text()
    async with serve() as served:
        missing = (await served.request("/nowhere")).error["message"]
    for path in missing.partition(": ")[2].split(", "):
        assert re.search(rf"`(GET|POST|OPTIONS) {path}[`?]", page), path
    for status in STATUSES:
        assert status in (0, 200) or re.search(rf"^\| .*\b{status}\b.* \|", page, re.MULTILINE), status


def test_every_error_has_a_status_that_is_counted() -> None:
    def below(kind: type[ScoringError]) -> list[type[ScoringError]]:
        return [one for child in kind.__subclasses__() for one in (child, *below(child))]

    assert {kind.status for kind in below(ScoringError)} <= set(STATUSES)
