"""`edgeway load` against servers that answer as the card says, and otherwise."""

from __future__ import annotations

import json
import threading
from array import array
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.scoring import load, verified_place
from cli.scoring.load import Tally
from contracts.card import Card
from tests.cli.commands.scoring.place import GOLDEN, right, served, with_stack
from tests.cli.conftest import write_artifact

SHORT = ["--seconds", "0.2"]


@pytest.fixture
def artifact(tmp_path: Path, card: Card) -> Path:
    return write_artifact(tmp_path / "artifact", replace(card, golden=GOLDEN))


def test_a_load_says_rate_and_latency_of_answers_that_agree(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: Counter[int] = Counter()

    def counting(request: Any) -> tuple[int, Any]:
        asked[request["t"]] += 1
        return right(request)

    with served(counting) as (url, _):
        assert main(["load", url, "--card", str(artifact), "--users", "3", *SHORT, "--json"]) == 0
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert captured.err == "anomaly at 127.0.0.1: 3 users, 0.2 s\n"
    assert told["requests"] == asked.total() - len(GOLDEN)  # each example was asked once before
    assert told["failures"] == {}
    assert told["rate"] == pytest.approx(told["requests"] / told["seconds"], rel=0.01)
    assert 0 < told["milliseconds"]["median"] <= told["milliseconds"]["p99"] <= told["milliseconds"]["longest"]
    assert abs(asked[1] - asked[90]) <= 3  # users go through the examples in turn


def test_as_many_are_asked_at_once_as_there_are_users(artifact: Path) -> None:
    together = threading.Barrier(3, timeout=20)
    before = iter(range(len(GOLDEN)))

    def waiting(request: Any) -> tuple[int, Any]:
        if next(before, None) is None and not together.broken:
            try:
                together.wait()
            finally:
                together.abort()
        return right(request)

    with served(waiting) as (url, _):
        assert main(["load", url, "--card", str(artifact), "--users", "3", *SHORT]) in (0, 1)
    assert together.broken


def test_failures_are_counted_by_status_and_one_is_shown(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter([right] * len(GOLDEN))

    def later(request: Any) -> tuple[int, Any]:
        if (good := next(answers, None)) is not None:
            return good(request)
        if request["t"] == 1:
            return 503, {"error": {"code": "TooManyRequests", "message": "64 are in flight"}}
        return 200, {"t": 90, "hot": False, "p": 0.75}

    with served(later) as (url, _):
        assert main(["load", url, "--card", str(artifact), "--users", "2", *SHORT, "--json"]) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert set(told["failures"]) == {"503", "wrong answer"}
    assert told["milliseconds"] is None
    assert f"{told['requests']} of {told['requests']} requests failed, such as: " in captured.err


def test_a_place_that_is_wrong_from_the_start_is_not_loaded(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served(lambda request: (200, {})) as (url, keys):
        assert main(["load", url, "--card", str(artifact)]) == 1
    assert len(keys) == 1
    assert "golden example 'cold' differs at $.hot: expected false" in capsys.readouterr().err
    assert main(["load", "http://127.0.0.1:1", "--card", str(artifact)]) == 3


def test_a_place_that_goes_away_is_counted_and_reached_again(artifact: Path) -> None:
    """The handler closes its connection without an answer, each second time."""
    number = iter(range(10**9))

    def flaky(request: Any) -> tuple[int, Any]:
        if (turn := next(number)) > len(GOLDEN) and turn % 2:
            raise ConnectionAbortedError
        return right(request)

    with served(flaky) as (url, _):
        place = verified_place.place_of(_arguments(url, artifact))
        tally = load.Load(place, users=1, timeout=5).run(0.5, tell=lambda so_far: None)
    assert set(tally.failures) == {"no answer"}
    assert len(tally.milliseconds) > 1


def _arguments(url: str, artifact: Path) -> Any:
    from cli.command import parser_of
    from cli.commands.scoring.load import COMMAND

    return parser_of([COMMAND]).parse_args(["load", url, "--card", str(artifact)])


def test_production_is_loaded_only_by_who_says_yes(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(right) as (url, keys):
        with_stack(monkeypatch, artifact, tmp_path, url, environment="prod")
        assert main(["load", "--stack", "shop", *SHORT]) == 2
        assert keys == []
        assert main(["load", "--stack", "shop", "--yes", *SHORT]) == 0
    assert "stack 'shop' is production" in capsys.readouterr().err
    assert set(keys) == {"Bearer the-key"}


def test_ctrl_c_tells_what_was_counted(
    artifact: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(tally: Tally) -> None:
        if tally.requests:
            raise KeyboardInterrupt

    monkeypatch.setattr(load, "PROGRESS_SECONDS", 0.01)
    monkeypatch.setattr("cli.commands.scoring.load._progress", interrupt)
    with served(right) as (url, _):
        assert main(["load", url, "--card", str(artifact)]) == 130
    assert capsys.readouterr().out.startswith("requests  ")


def test_a_hundred_answers_are_summed_up() -> None:
    tally = Tally(
        seconds=10.0,
        milliseconds=array("d", range(1, 101)),
        failures=Counter({"503": 2, "no answer": 1}),
        example="503",
    )
    assert load.as_rows(tally) == [
        "requests  103, 10.0 good answers a second",
        "latency   mean 50.5 ms, median 50.0 ms, p99 99.0 ms, longest 100.0 ms",
        "failures  2 x 503, 1 x no answer",
    ]


@pytest.mark.parametrize("options", [["--users", "0"], ["--users", "1001"], ["--seconds", "0"], ["--seconds", "nan"]])
def test_a_load_of_no_sense_is_refused(options: list[str], artifact: Path) -> None:
    try:
        code = main(["load", "http://127.0.0.1:1", "--card", str(artifact), *options])
    except SystemExit as error:
        code = int(error.code or 0)
    assert code == 2
