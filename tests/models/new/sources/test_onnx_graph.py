"""A given ONNX file is whole, keeps ONNX's rules, and needs nothing that only its maker has."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from models.new.refused import Refused
from models.new.sources import onnx_graph
from tests.models.new import graphs


def saved(folder: Path, model: onnx.ModelProto) -> Path:
    file = folder / "given.onnx"
    file.write_bytes(model.SerializeToString())
    return file


def with_weights_beside(folder: Path, location: str) -> Path:
    folder.mkdir(exist_ok=True)
    onnx.save_model(
        graphs.linear(), folder / "given.onnx", save_as_external_data=True, location="w.bin", size_threshold=0
    )
    model = onnx.load(folder / "given.onnx", load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        entry.value = location if entry.key == "location" else entry.value
    return saved(folder, model)


def test_a_good_file_is_taken_as_it_is(tmp_path: Path) -> None:
    file = saved(tmp_path, graphs.linear())
    assert onnx_graph.read(file) == file.read_bytes()
    assert onnx_graph.facts(file.read_bytes()) == "opset 17, ai.onnx.ml opset 3, IR 9"


def test_weights_beside_the_file_become_part_of_it(tmp_path: Path) -> None:
    content = onnx_graph.read(with_weights_beside(tmp_path, "w.bin"))
    session = onnx_graph.session(content, tmp_path)
    x = np.array([[1.0, 2.0, 3.0]], np.float32)
    assert session.run(None, {"x": x})[0].tolist() == (x @ graphs.WEIGHTS).tolist()


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/etc/passwd", "allowed are files in its own folder"),
        ("../w.bin", "allowed are files in its own folder"),
        ("link.bin", "allowed are files in its own folder"),
        ("gone.bin", "which is not beside it"),
    ],
)
def test_weights_elsewhere_are_refused(tmp_path: Path, location: str, reason: str) -> None:
    (tmp_path / "w.bin").write_bytes(bytes(24))
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    with pytest.raises(Refused, match=reason):
        onnx_graph.read(with_weights_beside(folder, location))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (graphs.linear().SerializeToString()[:-9], "cannot be decoded"),
        (b"\x08\x09", "has no graph, or names no operator set"),
        (b"\x08hello world", "cannot be decoded|has no graph"),
    ],
)
def test_what_is_cut_off_or_no_model_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "given.onnx").write_bytes(content)
    with pytest.raises(Refused, match=reason):
        onnx_graph.read(tmp_path / "given.onnx")


def test_operators_of_ones_own_are_refused_by_their_domain(tmp_path: Path) -> None:
    node = helper.make_node("Magic", ["x"], ["y"], domain="com.acme")
    row = [graphs.value("x", graphs.FLOAT, ["n", 1])], [graphs.value("y", graphs.FLOAT, ["n", 1])]
    model = graphs.model([node], *row, opsets=[("", 17), ("com.acme", 1)])
    with pytest.raises(Refused, match=r"operators of the domain 'com.acme', which only its maker has"):
        onnx_graph.read(saved(tmp_path, model))


def test_a_graph_that_breaks_the_rules_is_refused(tmp_path: Path) -> None:
    model = graphs.linear()
    model.graph.node[0].input[1] = "nothing"
    with pytest.raises(Refused, match="breaks ONNX's rules"):
        onnx_graph.read(saved(tmp_path, model))


def test_an_operator_set_that_onnx_runtime_does_not_know_yet_is_named(tmp_path: Path) -> None:
    model = graphs.linear()
    model.opset_import[0].version = 99
    with pytest.raises(
        Refused, match=r"is not loaded by onnxruntime .* opset 99, .*; export it for an older operator set"
    ):
        onnx_graph.session(model.SerializeToString(), tmp_path / "given.onnx")


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "given.onnx").open("wb") as file:
        file.truncate(onnx_graph.MOST_BYTES + 1)
    with pytest.raises(Refused, match="536,870,913 bytes; at most 536,870,912 are allowed"):
        onnx_graph.read(tmp_path / "given.onnx")
