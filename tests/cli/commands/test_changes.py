"""`edgeway changes`, as a script calls it."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.commands import changes
from cli.errors import Refused
from tests.cli.forecast.record import RECORDED


def test_it_reads_a_preview_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO((RECORDED / "nothing.json").read_text()))
    assert main(["changes"]) == 0
    assert capsys.readouterr().out == "nothing changes\n"


def test_it_reads_a_file_and_answers_json_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", str(RECORDED / "retrain.events"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sentences"][0]["subject"] == "anomaly"


def test_a_file_that_is_not_there_or_no_answer_of_the_engine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "nowhere.json"]) == 2
    assert main(["changes", str(RECORDED.parent / "record.py")]) == 2
    assert "`pulumi preview --json`" in capsys.readouterr().err


def test_sentences_are_folded_where_the_script_says_how_wide(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", str(RECORDED / "retrain.json"), "--columns", "60"]) == 0
    folded = capsys.readouterr().out
    assert max(map(len, folded.splitlines())) <= 60
    assert main(["changes", str(RECORDED / "retrain.json")]) == 0
    assert folded.split() == capsys.readouterr().out.split()


def _broken(value: Any, puts: Any) -> Iterator[Callable[[], None]]:
    """One step for each place below the value: it puts something else there; called again, it puts back what was."""
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in [*places]:
        held = [puts]

        def swap(key: Any = key, held: list[Any] = held) -> None:
            held[0], value[key] = value[key], held[0]

        yield swap
        yield from _broken(inner, puts)


@pytest.mark.parametrize(("case", "puts"), [("device_moved.json", None), ("layer_setting.json", {"a": [1]})])
def test_whatever_of_a_preview_is_broken_it_is_told_or_refused_in_a_line(
    case: str, puts: object, tmp_path: Path
) -> None:
    """Each value in turn is another: no traceback, at the most a refusal of one line."""
    document = json.loads((RECORDED / case).read_text())
    document["steps"] = [step for step in document["steps"] if step["op"] != "same"][:1]
    file = tmp_path / "broken.json"
    for swap in _broken(document, puts):
        swap()
        file.write_text(json.dumps(document))
        try:
            changes.run(argparse.Namespace(file=str(file), json=False, columns=None))
        except Refused as error:
            assert "\n" not in str(error)
        swap()
