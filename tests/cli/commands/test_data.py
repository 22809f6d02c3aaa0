from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from cli.commands.data import fetch, specifications
from cli.errors import Failed, Refused
from clone.layout import Clone
from contracts.data import spec_key

DATA = """
import sys
from pathlib import Path
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
if options.get("--seed") == "13":
    sys.exit("error: seed 13 is refused")
out = Path(options["--out"])
text = Path(options["--csv"]).read_text() if "--csv" in options else "a,b\\n" + options["--seed"] + ",2\\n"
(out / "data.csv").write_text(text)
(Path(__file__).parent / "ran").open("a").write("x")
"""
SIMULATOR = {"source": "simulator", "seed": 1, "rows": 100}


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


def test_a_csv_that_was_edited_is_taken_again(model: Path) -> None:
    (model / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    spec = {"source": "csv", "path": "rows.csv"}
    first = fetch("tiny", spec, "local", model)
    assert first.rows == 2
    (model / "rows.csv").write_text("a,b\n1,2\n")
    second = fetch("tiny", spec, "local", model)
    assert (second.rows, second.sha256 != first.sha256) == (1, True)


def test_a_model_that_refuses_its_data_is_quoted(model: Path) -> None:
    with pytest.raises(Failed, match="data of 'tiny': error: seed 13 is refused"):
        fetch("tiny", {**SIMULATOR, "seed": 13}, "local", model)


def test_a_model_without_a_folder_is_named(model: Path) -> None:
    with pytest.raises(Refused, match=r"models/other/data.py is missing; there are: tiny"):
        fetch("other", SIMULATOR, "local", model)


def test_a_csv_that_is_not_there_is_named(model: Path) -> None:
    with pytest.raises(Refused, match=r"train.data.path of 'tiny': none.csv does not exist"):
        fetch("tiny", {"source": "csv", "path": "none.csv"}, "local", model)


@pytest.mark.parametrize(
    ("models", "reason"),
    [
        (None, "edgeway:models is missing"),
        ([{"name": "a"}], r"edgeway:models\[0\] lacks 'train'"),
        ([{"name": "a", "train": {"data": {"source": "ftp"}}}], "source is 'ftp'; allowed: simulator, csv, url"),
        ([{"name": "a", "train": {"data": {**SIMULATOR, "colour": 1}}}], "colour is not known; allowed: rows, seed"),
        ([{"name": "a", "train": {"data": {"source": "url", "url": "x"}}}], "sha256 is missing"),
    ],
)
def test_a_bad_configuration_is_refused_by_key(models: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        specifications({"models": models})
