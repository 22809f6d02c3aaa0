"""`edgeway monitor --model`: a place asked over and over, and each answer told as it comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.scoring import watch
from contracts.card import Card
from tests.cli.commands.scoring.place import GOLDEN, Reply, right, served, with_stack
from tests.cli.conftest import VALUES, write_artifact

Monitor = Callable[..., int]


@pytest.fixture
def monitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Card) -> Monitor:
    artifact = write_artifact(tmp_path / "artifact", replace(card, golden=GOLDEN))

    def run(reply: Reply, *options: str, **others: Any) -> int:
        with served(reply) as (url, _):
            with_stack(monkeypatch, artifact, tmp_path, url, **others)
            return main(["monitor", "--model", "anomaly", "--every", "0.01", *options])

    return run


def test_each_answer_is_told_with_its_time_and_example(monitor: Monitor, capsys: pytest.CaptureFixture[str]) -> None:
    assert monitor(right, "--count", "3", "--json") == 0
    captured = capsys.readouterr()
    told = [json.loads(line) for line in captured.out.splitlines()]
    assert [(one["example"], one["problem"]) for one in told] == [("cold", None), ("hot", None), ("cold", None)]
    assert all(one["milliseconds"] > 0 and one["at"].endswith("+00:00") for one in told)
    assert captured.err.splitlines()[-1] == "3 requests, 0 failed"


def test_one_that_is_refused_or_wrong_is_told_and_makes_it_fail(
    monitor: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    replies = count()

    def sometimes(request: Any) -> tuple[Any, ...]:
        return ((503, {}), (200, {"t": 1}), right(request))[next(replies) % 3]

    assert monitor(sometimes, "--count", "3") == 1
    captured = capsys.readouterr()
    refused, wrong, good = captured.out.splitlines()
    assert "NOT" in refused and "got 503" in refused
    assert "NOT" in wrong and "differs at" in wrong
    assert "ok " in good and "2 failed" in captured.err


def test_a_deployment_that_is_not_the_stacks_is_named_and_not_held_against_the_stacks_card(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As while an online endpoint changes over."""
    monkeypatch.setitem(VALUES["scoring"]["anomaly"], "deployment", "mold")
    replies = count()

    def changing(request: Any) -> tuple[Any, ...]:
        if next(replies) % 2:
            return 200, {"another": "model"}, {"azureml-model-deployment": "mnew"}
        return (*right(request), {"azureml-model-deployment": "mold"})

    assert monitor(changing, "--count", "4") == 0
    captured = capsys.readouterr()
    assert [line.split()[-1] for line in captured.out.splitlines()] == ["mold", "mnew", "mold", "mnew"]
    assert captured.err.splitlines()[-1] == "4 requests, 0 failed; 2 by mold, 2 by mnew"


def test_it_ends_at_its_time_and_at_a_ctrl_c_with_what_was_seen(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert monitor(right, "--timeout", "0.05") == 0
    assert monitor(right, "--timeout", "0.05", "--count", "100000") == 3

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "_asked", interrupted)
    assert monitor(right) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "0 requests, 0 failed"


@pytest.mark.parametrize("options", [["--device", "edge-01"], ["--from", "earliest"], ["--until-end"]])
def test_options_of_messages_are_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "--model", "anomaly", *options]) == 2
    assert "are of messages" in capsys.readouterr().err


def test_how_often_is_of_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "--every", "2"]) == 2
    assert "--every is of --model" in capsys.readouterr().err
