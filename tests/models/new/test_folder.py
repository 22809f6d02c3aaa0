"""A ready model's folder: its entry script answers what ONNX Runtime itself gives, and reads as the project's code."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from clone.root import ROOT
from contracts.card import load_card
from contracts.data import file_sha256
from models.new import folder as folder_module
from models.new.folder import Given, make
from models.new.refused import Refused
from models.ready import begin
from tests.models.new import graphs
from tests.working_tree import not_the_projects

GIVEN = Given(name="tiny", source="tiny.onnx (sha256 0)", framework={})


def made(out: Path, model: onnx.ModelProto, given: Given = GIVEN) -> tuple[dict[str, Any], Callable[[Any], Any]]:
    """What is told, and the folder's own script as the server asks it."""
    told = make(out, model.SerializeToString(), given)
    script = folder_module._script(out)
    begin(script, out)
    asked = get_type_hints(script.run, include_extras=True)["request"]
    return told, lambda body: msgspec.to_builtins(script.run(msgspec.convert(body, asked)))


def test_numbers_of_a_row_come_as_a_list_and_go_as_one(tmp_path: Path) -> None:
    told, ask = made(tmp_path, graphs.linear())
    x = [[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]]
    expected = (np.array(x, np.float32) @ graphs.WEIGHTS).tolist()

    assert told["inputs"] == ["x: float32 [any, 3]"]
    assert ask({"x": x[0]}) == {"y": expected[0]}
    assert ask([{"x": row} for row in x]) == [{"y": row} for row in expected]
    assert ask([]) == []
    with pytest.raises(msgspec.ValidationError, match=r"Expected `array` of length >= 3 - at `\$.x`"):
        ask({"x": [1.0]})
    with pytest.raises(msgspec.ValidationError, match=r"Expected `float` <= 3.4e\+38"):
        ask({"x": [1.0, 2.0, 1e39]})


@pytest.mark.parametrize(
    "name", ['q""";raise SystemExit;""".onnx', "back\\x.onnx", "two\nlines.onnx", '"', "trailing\\"]
)
def test_a_files_name_is_no_code_of_the_model(tmp_path: Path, name: str) -> None:
    make(tmp_path, graphs.linear().SerializeToString(), Given(name="tiny", source=name, framework={}))

    (told,) = ast.parse((tmp_path / "__init__.py").read_text()).body

    assert isinstance(told, ast.Expr)
    assert isinstance(told.value, ast.Constant)
    assert told.value.value == f"A ready model, made of {name}."


def test_a_column_may_be_called_whatever_json_can_say(tmp_path: Path) -> None:
    columns = ("\U0001f600", "größe", "a/b")
    _, ask = made(tmp_path, graphs.linear(), Given(name="tiny", source="t", columns=columns, framework={}))
    assert len(ask(dict.fromkeys(columns, 1.0))["y"]) == 2


def test_named_columns_are_one_field_each(tmp_path: Path) -> None:
    columns = ("sepal length (cm)", "class", "2nd")
    _, ask = made(tmp_path, graphs.linear(), Given(name="tiny", source="f", framework={}, columns=columns))
    expected = (np.array([[1, 2, 3]], np.float32) @ graphs.WEIGHTS).tolist()[0]
    assert ask(dict(zip(columns, (1, 2, 3), strict=True))) == {"y": expected}


def test_inputs_of_one_number_and_one_text_are_a_row(tmp_path: Path) -> None:
    told, ask = made(tmp_path, graphs.price())
    assert ask({"area": 50.0, "town": "Bruges"}) == {"price": 120.0}
    assert ask([{"area": 1, "town": "Ghent"}, {"area": 2, "town": "Bruges"}]) == [{"price": 12.0}, {"price": 24.0}]
    towns = {json.loads(line)["input"]["town"] for line in (tmp_path / "examples.jsonl").read_text().splitlines()}
    assert towns == {"Ghent", "Bruges"}, "the categories that the graph knows"
    assert told["answer"]["price"] == pytest.approx(
        2 * told["request"]["area"] + {"Ghent": 10, "Bruges": 20}[told["request"]["town"]], abs=1e-4
    )


def test_a_classifier_answers_its_label_and_a_probability_a_class(tmp_path: Path) -> None:
    _, ask = made(tmp_path, graphs.classifier())
    answer = ask({"features": [2.0, 1.0]})
    assert answer["label"] == "cat"
    assert answer["probabilities"] == pytest.approx({"cat": 1 / (1 + np.exp(-1)), "dog": 1 / (1 + np.exp(1))}, abs=1e-6)


def test_a_list_of_a_free_length_is_taken_alone_and_refused_where_rows_differ(tmp_path: Path) -> None:
    _, ask = made(tmp_path, graphs.sentence())
    assert ask({"tokens": [1, 2, 3, 4, 5]}) == {"total": 15}
    with pytest.raises(msgspec.ValidationError, match=r"Expected nested lists of one length - at `\$.tokens`"):
        ask([{"tokens": [1]}, {"tokens": [1, 2]}])


def test_a_model_of_one_row_at_a_time_answers_many(tmp_path: Path) -> None:
    _, ask = made(tmp_path, graphs.picture())
    image = np.arange(32).reshape(2, 4, 4)
    body = {"image:0": image.tolist()}
    assert ask([body, body]) == [{"mean": [[[7.5]], [[23.5]]]}] * 2


def test_a_tensor_that_is_no_list_of_rows_goes_whole(tmp_path: Path) -> None:
    told, ask = made(tmp_path, graphs.whole())
    assert ask({"matrix": [[1, 2, 3], [4, 5, 6]]}) == {"turned": [[1, 4], [2, 5], [3, 6]]}
    assert told["examples"] == 1


@pytest.mark.parametrize(
    "graph", [graphs.linear, graphs.price, graphs.classifier, graphs.sentence, graphs.picture, graphs.whole]
)
def test_what_is_written_is_what_onnx_runtime_gives_and_the_same_every_time(
    tmp_path: Path, graph: Callable[[], Any]
) -> None:
    content = graph().SerializeToString()
    first, _ = made(tmp_path / "a", graph())
    made(tmp_path / "b", graph())

    names = [file.name for file in sorted((tmp_path / "a").iterdir()) if file.is_file()]
    assert names == ["__init__.py", "examples.jsonl", "model.onnx", "score.py", "train.py"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    session = onnxruntime.InferenceSession(content)
    feeds = {
        one.name: np.array(
            first["request"][one.name], {"tensor(string)": object, "tensor(int64)": np.int64}.get(one.type, np.float32)
        )
        for one in session.get_inputs()
    }
    feeds = {
        name: array.reshape(1, *array.shape) if graph is not graphs.whole else array for name, array in feeds.items()
    }
    feeds = {name: array.reshape(1, 1) if array.shape == (1,) else array for name, array in feeds.items()}
    (judged, *_) = session.run(None, feeds)
    assert np.array_equal(np.ravel(judged), np.ravel(np.array(next(iter(first["answer"].values())), judged.dtype)))


def test_what_is_written_passes_the_projects_linter(tmp_path: Path) -> None:
    for graph in (graphs.linear, graphs.price, graphs.classifier, graphs.sentence, graphs.picture, graphs.whole):
        made(tmp_path / graph.__name__, graph())
    command = [sys.executable, "-m", "ruff", "check", "--config", str(Path("pyproject.toml").absolute()),
               "--ignore", "I,E501", str(tmp_path)]  # fmt: skip
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_given_examples_become_golden_and_their_labels_metrics(tmp_path: Path) -> None:
    rows = [{"input": {"features": [2, 1]}, "label": "cat"}, {"input": {"features": [0, 1]}, "label": "cat"}]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)))
    given = Given(name="tiny", source="f", framework={}, examples=str(tmp_path / "mine.jsonl"))

    told, _ = made(tmp_path / "out", graphs.classifier(), given)

    assert (told["examples"], told["metrics"]) == (2, {"accuracy": 0.5})
    kept = [json.loads(line) for line in (tmp_path / "out" / "examples.jsonl").read_text().splitlines()]
    assert [one["output"]["label"] for one in kept] == ["cat", "dog"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 1: not JSON"),
        ('{"row": 1}', "line 1: allowed is an object of input"),
        ('{"input": {"features": [1]}}', r"line 1: the input does not fit score.py: .*\$.features"),
        (
            '{"input": {"features": [2, 1]}, "output": {"label": "dog"}}',
            "line 1: score.py answers 'cat' at|line 1: score",
        ),
        ("", "has no line"),
        ('{"input": {"features": [2, 1]}, "label": 1.5}', "line 1: the label is 1.5, and score.py answers 'cat'"),
    ],
)
def test_examples_that_do_not_fit_are_refused_by_line(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "mine.jsonl").write_text(line)
    given = Given(name="tiny", source="f", framework={}, examples=str(tmp_path / "mine.jsonl"))
    with pytest.raises(Refused, match=reason):
        make(tmp_path / "out", graphs.classifier().SerializeToString(), given)


def test_names_that_python_has_in_use_are_asked_for_as_they_are(tmp_path: Path) -> None:
    told, ask = made(tmp_path, graphs.oddly_named())
    assert list(told["request"]) == ["class", "Row", "a b", "a.b", "1st", "zip:0"]
    answer = ask({name: place for place, name in enumerate(told["request"])})
    assert answer == {"class_out": 0, "Scored_2": 1, "a_b_out": 2, "a_b_out_2": 3, "n1st_out": 4, "zip_0_out": 5}


def test_where_drawn_rows_do_not_fit_given_ones_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"fails on drawn rows of place: int64 .* Give rows of its own by --examples"):
        make(tmp_path / "none", graphs.looks_up().SerializeToString(), GIVEN)

    (tmp_path / "mine.jsonl").write_text('{"input": {"place": 101}}')
    given = Given(name="tiny", source="f", framework={}, examples=str(tmp_path / "mine.jsonl"))
    assert made(tmp_path / "out", graphs.looks_up(), given)[0]["answer"] == {"y": 9.0}

    (tmp_path / "mine.jsonl").write_text('{"input": {"place": 5}}')
    with pytest.raises(Refused, match=r"line 1: score.py fails: .*[Ii]ndices|line 1: score.py fails"):
        make(tmp_path / "bad", graphs.looks_up().SerializeToString(), given)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [(("a", "b"), "--columns names 2, but the model takes x: float32"), (("a", "a", "b"), "one column twice")],
)
def test_columns_that_do_not_fit_are_refused(tmp_path: Path, columns: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        make(tmp_path, graphs.linear().SerializeToString(), Given(name="t", source="f", framework={}, columns=columns))


@pytest.mark.parametrize("column", ['12" pipe', "a\\b", "a\tb"])
def test_a_name_that_no_body_can_have_is_refused_with_the_way_out(tmp_path: Path, column: str) -> None:
    given = Given(name="t", source="f.onnx", framework={}, columns=(column, "b", "c"))
    with pytest.raises(Refused, match=r"^f\.onnx: '.*' cannot be a field of a body: .* by --columns"):
        make(tmp_path, graphs.linear().SerializeToString(), given)


def test_a_model_that_answers_no_numbers_asks_for_rows_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"a number that is none .* Give rows of its own by --examples"):
        make(tmp_path, graphs.not_a_number().SerializeToString(), GIVEN)


def test_a_type_that_no_body_has_is_refused(tmp_path: Path) -> None:
    node = helper.make_node("Identity", ["z"], ["y"])
    kind = TensorProto.BFLOAT16
    model = graphs.model([node], [graphs.value("z", kind, ["n", 1])], [graphs.value("y", kind, ["n", 1])])
    with pytest.raises(Refused, match=r"the input 'z' is of type tensor\(bfloat16\); allowed are tensors of float"):
        make(tmp_path, model.SerializeToString(), GIVEN)


@pytest.mark.slow
def test_training_makes_the_artifact_of_the_folder(tmp_path: Path) -> None:
    for room in ("contracts", "models"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=not_the_projects)
    package = tmp_path / "models" / "tiny"
    make(package, graphs.price().SerializeToString(), GIVEN)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "data.csv").touch()
    for out in ("a", "b"):
        train = [sys.executable, "-m", "models.tiny.train", "--data", "data", "--out", out]
        subprocess.run(train, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, check=True)
    card = load_card(tmp_path / "a")
    assert (card.name, card.metrics, len(card.golden)) == ("tiny", {}, 9)
    assert card.data.sha256 == file_sha256(package / "model.onnx")
    assert (tmp_path / "a" / "card.json").read_bytes() == (tmp_path / "b" / "card.json").read_bytes()
