"""docs/errors.md, what is said of files of ready models: with real files, a tiny one each."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import helper

from cli.errors import Refused
from cli.new_model import ready
from cli.new_model.ready import Wanted
from models.new.folder import Given, make
from models.new.refused import Refused as OfTheFile
from models.new.sources import onnx_graph
from models.new.sources.kind import kind_of
from models.new.sources.mlflow_folder import model_of
from tests.docs.refusals import READY
from tests.models.new import graphs


def no_model(file: Path) -> None:
    file.write_text("hello")
    kind_of(file)


def pickled(file: Path) -> None:
    file.write_bytes(pickle.dumps([1]))
    wanted = Wanted(name="wine", file=file, trust=False)
    ready._to_onnx(wanted, {"kind": "pickle", "file": str(file)}, file, (), file.parent)


def cut_off(file: Path) -> None:
    file.write_bytes(graphs.linear().SerializeToString()[:-9])
    onnx_graph.read(file)


def own_operators(file: Path) -> None:
    node = helper.make_node("Magic", ["x"], ["y"], domain="com.acme")
    x, y = (graphs.value(name, graphs.FLOAT, ["n", 1]) for name in ("x", "y"))
    file.write_bytes(graphs.model([node], [x], [y], opsets=[("", 17), ("com.acme", 1)]).SerializeToString())
    onnx_graph.read(file)


def weights_elsewhere(file: Path) -> None:
    onnx.save_model(graphs.linear(), file, save_as_external_data=True, location="w.bin", size_threshold=0)
    model = onnx.load(file, load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        entry.value = "../w.bin" if entry.key == "location" else entry.value
    file.write_bytes(model.SerializeToString())
    onnx_graph.read(file)


def torch(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", b"")
    kind_of(file)


def pyfunc(file: Path) -> None:
    file.mkdir()
    (file / "MLmodel").write_text("flavors: {python_function: {loader_module: mlflow.pyfunc.model}}")
    model_of(file)


def columns(file: Path) -> None:
    given = Given(name="wine", source="model.onnx", framework={}, columns=("a", "b"))
    make(file, graphs.linear().SerializeToString(), given)


def example(file: Path) -> None:
    mine = file.with_name("mine.jsonl")
    mine.write_text(json.dumps({"input": {"x": [1, 2, "three"]}}))
    given = Given(name="wine", source="model.onnx", framework={}, examples=str(mine))
    make(file, graphs.linear().SerializeToString(), given)


CASES: dict[str, Callable[[Path], None]] = {
    "no model": no_model,
    "pickle": pickled,
    "cut off": cut_off,
    "own operators": own_operators,
    "weights elsewhere": weights_elsewhere,
    "torch": torch,
    "pyfunc": pyfunc,
    "columns": columns,
    "example": example,
}


@pytest.mark.parametrize("case", CASES)
def test_the_page_has_what_a_file_is_refused_with(case: str, tmp_path: Path) -> None:
    with pytest.raises((Refused, OfTheFile)) as refused:
        CASES[case](tmp_path / "model.file")
    READY.check(case, f"edgeway: {refused.value}", {str(tmp_path): "<folder>"})
