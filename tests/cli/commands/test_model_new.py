"""`edgeway model new`: from a file to a folder and an entry, whole or not at all."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import argparse
import asyncio
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from sklearn.linear_model import LinearRegression

from cli.__main__ import main
from cli.command import parser_of
from cli.commands.model import GROUP
from cli.commands.model.new import Made, new
from cli.errors import Refused
from clone.hyperparameters import declared_hyperparameters
from clone.layout import Clone
from clone.root import ROOT
from infra.settings.load import load
from tests.infra.settings.good import MODEL, changed
from tests.models.new import graphs
from tests.waiting import DEADLINE_S, eventually
from tests.working_tree import not_the_projects


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clone to write into: the project's models, and a stack."""
    for room in ("contracts", "models"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=not_the_projects)
    shutil.copy(ROOT / "tests" / "stacks" / "local.yaml", tmp_path / "Pulumi.local.yaml")
    (tmp_path / "given.onnx").write_bytes(graphs.price().SerializeToString())
    return tmp_path


def asked(root: Path, *words: str) -> Made:
    return new(parser_of([GROUP]).parse_args(["model", "new", *words]), root)


def everything(root: Path) -> dict[str, bytes]:
    files = [file for file in root.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


@pytest.mark.slow
def test_a_ready_onnx_is_a_folder_and_an_entry(tree: Path) -> None:
    made = asked(tree, "price", "--from", str(tree / "given.onnx"), "--stack", "local")

    assert (made.folder, made.stack, made.next) == ("models/price", "Pulumi.local.yaml", ["make up"])
    names = ("__init__.py", "examples.jsonl", "model.onnx", "score.py", "train.py")
    assert made.files == [f"models/price/{name}" for name in names]
    assert (tree / "models/price/model.onnx").read_bytes() == (tree / "given.onnx").read_bytes()
    before, after = (ROOT / "tests" / "stacks" / "local.yaml").read_text(), (tree / "Pulumi.local.yaml").read_text()
    lines = [line for line in after.splitlines() if line not in before.splitlines()]
    assert lines == ["    - name: price", "      endpoints: [{kind: containerGroup}]"]
    (model,) = load(changed((MODEL, dict(made.entries["models"])))).models
    assert (model.name, model.train.data_spec()) == ("price", {"source": "none"})


@pytest.mark.parametrize("words", [(), ("--kind", "empty"), ("--kind", "keras", "--layer")])
def test_a_model_to_train_is_a_folder_and_an_entry_with_its_data(tree: Path, words: tuple[str, ...]) -> None:
    (tree / "edge" / "layers").mkdir(parents=True)
    made = asked(tree, "pump", *words)

    for file in made.files:
        assert (tree / file).is_file()
    (model,) = load(changed((MODEL, dict(made.entries["models"])))).models
    assert (model.name, model.train.data_spec()) == ("pump", {"source": "simulator", "seed": 0, "rows": 1000})
    assert ("edge/layers/pump.py" in made.files) == ("--layer" in words)
    assert Clone(tree).model_command("pump", "train")
    assert [name for name, _ in declared_hyperparameters(tree, ["pump"]).items()] == ["pump"]


def test_what_is_about_a_ready_model_is_refused_without_one(tree: Path) -> None:
    with pytest.raises(Refused, match="--trust is about a ready model: give its file by --from"):
        asked(tree, "pump", "--trust")


@pytest.mark.slow
def test_with_a_layer_it_runs_on_a_device_and_is_sent_its_examples(tree: Path) -> None:
    (tree / "edge" / "layers").mkdir(parents=True)
    made = asked(tree, "price", "--from", str(tree / "given.onnx"), "--stack", "local", "--layer")

    assert made.files[-1] == "edge/layers/price.py"
    assert 'LAYER = replay_layer(model="price")' in (tree / "edge/layers/price.py").read_text()
    added = yaml.safe_load((tree / "Pulumi.local.yaml").read_text())["config"]
    settings = load({key: json.dumps(value) if not isinstance(value, str) else value for key, value in added.items()})
    layer, device = settings.layers[-1], settings.devices[-1]
    assert (layer.name, layer.target_condition, layer.priority) == ("price", "tags.model = 'price'", 30)
    assert (device.id, device.tags) == ("edge-price", {"model": "price"})


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["Bad"], "model name 'Bad' is not allowed: 2 to 32 of a-z, 0-9 and _"),
        (["pump__two"], "model name 'pump__two' is not allowed: no two _ in a row"),
        (["../up"], "model name '../up' is not allowed"),
        (["class"], "model name 'class' is a word of Python's own"),
        (["anomaly"], "models/anomaly is there already, and nothing is overwritten"),
        (["training"], r"models/training.py is there, which all models share"),
        (["price", "--stack", "none"], "Pulumi.none.yaml is missing"),
    ],
)
def test_a_name_or_stack_that_cannot_be_changes_nothing(tree: Path, words: list[str], reason: str) -> None:
    before = everything(tree)
    with pytest.raises(Refused, match=reason):
        asked(tree, *words, "--from", str(tree / "given.onnx"))
    assert everything(tree) == before


@pytest.mark.slow
def test_a_file_that_is_refused_leaves_nothing(tree: Path) -> None:
    (tree / "cut.onnx").write_bytes((tree / "given.onnx").read_bytes()[:-5])
    before = everything(tree)
    with pytest.raises(Refused, match=r"cut.onnx is no ONNX model: it cannot be decoded"):
        asked(tree, "price", "--from", str(tree / "cut.onnx"), "--stack", "local")
    assert everything(tree) == before
    assert [path.name for path in (tree / "models").iterdir() if path.name.startswith(".")] == []


def test_a_name_that_the_stack_has_is_refused(tree: Path) -> None:
    shutil.rmtree(tree / "models" / "anomaly")
    with pytest.raises(Refused, match=r"Pulumi.local.yaml has a model 'anomaly' already"):
        asked(tree, "anomaly", "--from", str(tree / "given.onnx"), "--stack", "local")


class Trap:
    """Says, by a file, that the pickle was opened."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def test_a_pickle_is_not_opened_without_trust(tree: Path) -> None:
    (tree / "model.joblib").write_bytes(pickle.dumps(Trap(tree / "opened")))
    with pytest.raises(Refused, match=r"is a pickle: opening it runs whatever code .* say --trust"):
        asked(tree, "price", "--from", str(tree / "model.joblib"))
    assert not (tree / "opened").exists()


@pytest.mark.slow
def test_a_trusted_pickle_is_converted_and_its_columns_are_named(tree: Path) -> None:
    model = LinearRegression().fit([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0]], [5.0, 4.0, 13.0])
    (tree / "model.joblib").write_bytes(pickle.dumps(model))

    made = asked(tree, "sum", "--from", str(tree / "model.joblib"), "--trust", "--columns", "a,b")

    body = made.ready["request"]
    assert sorted(body) == ["a", "b"]
    (answer,) = made.ready["answer"].values()
    assert answer == pytest.approx(model.predict([[body["a"], body["b"]]])[0], abs=1e-5)
    assert "numbers differ by" in made.ready["notes"][-1]


@pytest.mark.slow
def test_as_json_it_is_read_by_programs(
    capsys: pytest.CaptureFixture[str], tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.commands.model.new.ROOT", tree)
    monkeypatch.setattr(new, "__defaults__", (tree,))
    words = [
        "model",
        "new",
        "price",
        "--from",
        str(tree / "given.onnx"),
        "--examples",
        str(tree / "mine.jsonl"),
        "--json",
    ]
    (tree / "mine.jsonl").write_text('{"input": {"area": 50, "town": "Ghent"}, "label": 110}\n')

    assert main(words) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["ready"]["answer"] == {"price": 110.0}
    assert told["ready"]["metrics"] == {"mean_absolute_error": 0.0}


class Slow:
    """Says, by a file, that it is being opened, and takes a while."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (f"import pathlib, time; pathlib.Path({str(self.file)!r}).touch(); time.sleep(600)",)


def test_what_is_written_into_the_stack_file_meanwhile_stays(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tree / "Pulumi.local.yaml"

    def write(arguments: argparse.Namespace, folder: Path, root: Path) -> dict[str, Any]:
        file.write_text(file.read_text() + "# written meanwhile\n")
        return {}

    monkeypatch.setattr("cli.commands.model.new._write", write)
    asked(tree, "pump", "--stack", "local")

    assert "# written meanwhile\n" in file.read_text()
    assert "- name: pump\n" in file.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_leaves_nothing_and_ends_what_it_started(tree: Path, number: signal.Signals, code: int) -> None:
    (tree / "model.pkl").write_bytes(pickle.dumps(Slow(tree / "opened")))
    before = everything(tree)
    program = (
        "import pathlib, sys; from cli.__main__ import main; from cli.commands.model import new\n"
        "new.new.__defaults__ = (pathlib.Path('.').absolute(),)\n"
        "sys.exit(main(['model', 'new', 'price', '--from', 'model.pkl', '--trust', '--stack', 'local']))"
    )
    # a shell starts what it puts into the background with Ctrl-C ignored
    command = ["env", "--default-signal=INT", sys.executable, "-c", program]
    with subprocess.Popen(
        command, cwd=tree, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
    ) as child:
        asyncio.run(eventually((tree / "opened").exists, what="the pickle is opened"))
        child.send_signal(number)
        child.communicate(timeout=DEADLINE_S)
    assert child.returncode == code
    (tree / "opened").unlink()
    assert everything(tree) == before
    assert sorted(path.name for path in (tree / "models").iterdir() if path.name.startswith(".")) == []
