"""`edgeway changes`, as a script calls it."""

from __future__ import annotations

import io
import json

import pytest

from cli.__main__ import main
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
