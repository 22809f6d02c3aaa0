from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.commands import data
from cli.commands.data import NOTHING, fetch, specifications
from cli.errors import Failed, Refused
from clone.layout import Clone
from contracts.data import spec_key
from infra.settings.load import load
from tests.infra.settings.good import MODEL, changed

DATA = """
import sys
from pathlib import Path
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
if options.get("--seed") == "13":
    sys.exit("a warning\\nerror: seed 13 is refused\\nline 7: speed is 'fast'")
out = Path(options["--out"])
made = ("a,b\\n" + options.get("--seed", "") + ",2\\n").encode()
(out / "data.csv").write_bytes(Path(options["--csv"]).read_bytes() if "--csv" in options else made)
(Path(__file__).parent / "ran").open("a").write("x")
"""
SIMULATOR: dict[Any, Any] = {"source": "simulator", "seed": 1, "rows": 100}


@pytest.fixture
def model(clone: Path) -> Path:
    folder = clone / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "data.py").write_text(DATA)
    return clone


def test_data_is_kept_by_content_and_found_by_what_was_asked_for(model: Path) -> None:
    fetched = fetch("tiny", SIMULATOR, "local", model)
    sha256 = hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert (fetched.sha256, fetched.rows, fetched.cached) == (sha256, 1, False)
    assert Clone(model).data.resolve(spec_key("tiny", SIMULATOR)) == sha256


def test_data_that_is_here_is_not_made_twice(model: Path) -> None:
    fetch("tiny", SIMULATOR, "local", model)
    assert fetch("tiny", SIMULATOR, "local", model).cached
    assert (model / "models" / "tiny" / "ran").read_text() == "x"


@pytest.mark.parametrize("content", [b"\xee\x00pixels", b"x" * 200_000])
def test_data_that_is_no_table_has_no_rows_and_is_taken_as_it_is(
    model: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (model / "pixels.bin").write_bytes(content)
    fetched = fetch("tiny", {"source": "csv", "path": "pixels.bin"}, "local", model)
    assert (fetched.sha256, fetched.rows) == (hashlib.sha256(content).hexdigest(), None)
    monkeypatch.setattr(data, "stack_config", lambda stack: {})
    monkeypatch.setattr(data, "specifications", lambda config: {"tiny": {}})
    monkeypatch.setattr(data, "fetch", lambda *_, **__: fetched)
    assert main(["data"]) == 0
    assert capsys.readouterr().out == f"tiny  sha256 {fetched.sha256}\n"


def test_a_csv_that_was_edited_is_taken_again(model: Path) -> None:
    (model / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    spec = {"source": "csv", "path": "rows.csv"}
    first = fetch("tiny", spec, "local", model)
    assert first.rows == 2
    (model / "rows.csv").write_text("a,b\n1,2\n")
    second = fetch("tiny", spec, "local", model)
    assert (second.rows, second.sha256 != first.sha256) == (1, True)


def test_a_ready_model_has_no_data_and_the_program_finds_that_it_has_none(clone: Path) -> None:
    (clone / "models/ready").mkdir(parents=True)
    (clone / "models/ready/train.py").touch()
    (specs,) = [specifications({"models": [entry]}) for entry in ({"name": "ready"},)]
    fetched = fetch("ready", specs["ready"], "local", clone)

    assert (fetched.sha256, fetched.rows, fetched.cached) == (NOTHING, 0, False)
    assert fetch("ready", specs["ready"], "local", clone).cached
    (of_program,) = load(changed((MODEL, {"name": "ready"}))).models
    assert Clone(clone).data.resolve(spec_key("ready", of_program.train.data_spec())) == NOTHING


def test_a_model_that_makes_its_data_needs_to_be_told_of_what(model: Path) -> None:
    with pytest.raises(Refused, match=r"train.data of 'tiny' is missing; models/tiny makes it of a source"):
        fetch("tiny", {"source": "none"}, "local", model)


def test_a_model_that_refuses_its_data_is_quoted(model: Path) -> None:
    with pytest.raises(Failed, match=r"data of 'tiny': error: seed 13 is refused\nline 7: speed is 'fast'$"):
        fetch("tiny", {**SIMULATOR, "seed": 13}, "local", model)


def test_a_model_without_a_folder_is_named(model: Path) -> None:
    with pytest.raises(Refused, match=r"models/other/data\.py or model\.py is missing; there are: "):
        fetch("other", SIMULATOR, "local", model)


def test_a_model_without_data_and_without_a_folder_is_no_ready_model(model: Path) -> None:
    with pytest.raises(Refused, match=r"'raedy': models/raedy/train\.py or model\.py is missing; there are: "):
        fetch("raedy", {"source": "none"}, "local", model)


@pytest.mark.parametrize("said", ["python -m models.tiny.data: error: --rows is 1", "error: --rows is 1"])
def test_an_option_that_a_model_refuses_is_told_as_the_key_of_the_stack_file(model: Path, said: str) -> None:
    (model / "models" / "tiny" / "data.py").write_text(f"import sys\nsys.exit('{said}, must be at least 16')")
    with pytest.raises(
        Failed, match=r"^data of 'tiny': edgeway:models\[1\].train.data.rows is 1, must be at least 16$"
    ):
        fetch("tiny", SIMULATOR, "local", model, key="edgeway:models[1].train.data")


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ('{"picture":"AA=="}\n' * 300, 300),
        ('{"a": 1}\n\n{"a": 2}', 2),
        ("weights of seed 0\n", None),
        ("a,b\n1,2\n", 1),
    ],
)
def test_rows_are_counted_as_the_file_has_them(model: Path, content: str, rows: int | None) -> None:
    (model / "rows").write_text(content)
    assert fetch("tiny", {"source": "csv", "path": "rows"}, "local", model).rows == rows


def test_a_csv_that_is_not_there_is_named(model: Path) -> None:
    with pytest.raises(Refused, match=r"train.data.path of 'tiny': export.zip does not exist as a file; relative"):
        fetch("tiny", {"source": "csv", "path": "export.zip"}, "local", model)


@pytest.mark.parametrize(
    ("models", "reason"),
    [
        (None, "edgeway:models is missing"),
        ("none", "edgeway:models is no list"),
        ([None], r"edgeway:models\[0\].train.data is no tree"),
        ([{"name": "a", "train": []}], r"edgeway:models\[0\].train.data is no tree"),
        ([{"name": "a", "train": {"data": "simulator"}}], r"edgeway:models\[0\].train.data is no tree"),
        ([{"name": None, "train": {"data": SIMULATOR}}], r"edgeway:models\[0\].name is None; a text is wanted"),
        (
            [{"name": "a", "train": {"data": SIMULATOR}}] * 2,
            r"edgeway:models\[1\].name is 'a', as that of a model before",
        ),
        ([{"name": "a", "train": {"data": {"source": ["csv"]}}}], r"source is \['csv'\]; allowed: simulator, csv, url"),
        ([{"name": "a", "train": {"data": {**SIMULATOR, 1: 2, "x": 3}}}], "1 is not known; allowed: rows, seed"),
        ([{"name": "a", "train": {"data": {"source": "simulator", "rows": 100}}}], "seed is missing"),
        ([{"name": "a", "train": {"data": {**SIMULATOR, "seed": "one"}}}], "seed is 'one'; a whole number is wanted"),
        (
            [{"name": "a", "train": {"data": {"source": "csv", "path": date(2026, 1, 1)}}}],
            r"path is datetime.date\(2026, 1, 1\); a text, in quotes, is wanted",
        ),
        ({"secure": "v1:abc"}, "edgeway:models is a secret, which edgeway data cannot read"),
        (
            [{"name": "a", "train": {"data": {"source": "csv", "path": {"secure": "v1:abc"}}}}],
            r"edgeway:models\[0\].train.data.path is a secret",
        ),
        ([{"name": "a", "train": {"data": {"source": "ftp"}}}], "source is 'ftp'; allowed: simulator, csv, url"),
        ([{"name": "a", "train": {"data": {**SIMULATOR, "colour": 1}}}], "colour is not known; allowed: rows, seed"),
        ([{"name": "a", "train": {"data": {"source": "url", "url": "x"}}}], "sha256 is missing"),
        (
            [{"name": "a", "train": {"data": {"source": "url", "url": "https://x/a.csv", "sha256": "abc"}}}],
            r"edgeway:models\[0\].train.data.sha256 is 'abc'; 64 digits of 0-9a-f are wanted",
        ),
        (
            [{"name": "a", "train": {"data": {"source": "url", "url": "http://x/a.csv", "sha256": "0" * 64}}}],
            r"edgeway:models\[0\].train.data.url is 'http://x/a.csv'; an https:// address is wanted",
        ),
    ],
)
def test_a_bad_configuration_is_refused_by_key(models: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        specifications({"models": models})


@pytest.mark.parametrize(
    "spec",
    [
        SIMULATOR,
        {"source": "simulator", "seed": "7", "rows": "618"},
        {"source": "simulator", "seed": 7.0, "rows": "1e3"},
        {"source": "csv", "path": "7"},
        {"source": "url", "url": "https://example.com/data.csv", "sha256": "0" * 64},
    ],
)
def test_the_program_looks_for_the_very_data_that_the_command_keeps(spec: dict[str, Any]) -> None:
    config = changed(((*MODEL, "train", "data"), spec))
    (of_program,) = load(config).models

    for models in (json.loads(config["edgeway:models"]), config["edgeway:models"]):
        of_command = specifications({"models": models})[of_program.name]
        assert spec_key("anomaly", of_command) == spec_key("anomaly", of_program.train.data_spec())
