"""`edgeway verify` against servers that answer as the card says, and otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.scoring import cards
from clone.layout import Clone
from contracts.card import Card, version_of
from tests.cli.commands.scoring.place import GOLDEN, right, served, with_stack
from tests.cli.conftest import write_artifact


@pytest.fixture
def artifact(tmp_path: Path, card: Card) -> Path:
    return write_artifact(tmp_path / "artifact", replace(card, golden=GOLDEN))


def test_a_place_that_answers_as_the_card_says_is_fine(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served(right) as (url, keys):
        assert main(["verify", url, "--card", str(artifact / "card.json")]) == 0
    captured = capsys.readouterr()
    assert [line.split()[:2] for line in captured.out.splitlines()] == [["ok", "cold"], ["ok", "hot"]]
    assert captured.err.startswith("anomaly at 127.0.0.1: 2 golden examples agree, median ")
    assert keys == [None, None]


def test_a_wrong_answer_ends_with_1_naming_example_expected_and_got(
    artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(request: Any) -> tuple[int, Any]:
        status, answer = right(request)
        return status, {**answer, "hot": False}

    with served(wrong) as (url, _):
        assert main(["verify", f"{url}/score", "--card", str(artifact)]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].startswith("NOT hot")
    expected = "golden example 'hot' differs at $.hot: expected true, got false"
    assert captured.err == f"edgeway: anomaly at 127.0.0.1: {expected}\n"


@pytest.mark.parametrize(
    ("status", "answer", "problem"),
    [
        (401, {"error": {"code": "Unauthorized", "message": "no key"}}, "got 401: Unauthorized: no key (and 1 more)"),
        (200, b"Healthy", 'expected JSON, got "Healthy"'),
        (200, [["a"]], "differs at $: expected {"),
        (200, ['{"t": 1'], "differs at $: expected {"),
    ],
)
def test_what_is_no_answer_is_told(
    artifact: Path, capsys: pytest.CaptureFixture[str], status: int, answer: Any, problem: str
) -> None:
    with served(lambda request: (status, answer)) as (url, _):
        assert main(["verify", url, "--card", str(artifact)]) == 1
    assert problem in capsys.readouterr().err


def test_the_original_form_of_an_answer_counts_too(artifact: Path) -> None:
    with served(lambda request: (200, [json.dumps(right(request)[1])])) as (url, _):
        assert main(["verify", url, "--card", str(artifact)]) == 0


def test_json_tells_every_example(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def half(request: Any) -> tuple[int, Any]:
        return right(request) if request["t"] == 1 else (500, b"")

    with served(half) as (url, _):
        assert main(["verify", url, "--card", str(artifact), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["model"], document["version"], document["agree"]) == ("anomaly", None, False)
    assert [entry["problem"] for entry in document["examples"]] == [None, "expected an answer, got 500: "]


def test_a_stacks_service_is_verified_by_the_card_of_the_model_that_it_deployed(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(right) as (url, keys):
        digest = with_stack(monkeypatch, artifact, tmp_path, url)
        assert main(["verify"]) == 0
        assert main(["verify", url, "--json"]) == 0
    assert keys == ["Bearer the-key"] * 4
    assert f"anomaly {version_of(digest)} at 127.0.0.1: 2 golden examples agree" in capsys.readouterr().err


def test_an_endpoint_of_another_name_is_verified_by_the_card_of_its_model(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(right) as (url, keys):
        digest = with_stack(monkeypatch, artifact, tmp_path, url, endpoint="anomaly-containerGroup")
        assert main(["verify", "--model", "anomaly-containerGroup"]) == 0
    assert keys == ["Bearer the-key"] * 2
    assert version_of(digest) in capsys.readouterr().err


def test_a_key_from_a_file_is_sent_instead_of_the_stacks(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("another-key\n")
    with served(right) as (url, keys):
        with_stack(monkeypatch, artifact, tmp_path, url)
        assert main(["verify", "--key-file", str(tmp_path / "key")]) == 0
        assert main(["verify", url, "--card", str(artifact), "--key-file", str(tmp_path / "key")]) == 0
    assert keys == ["Bearer another-key"] * 4


def test_an_artifact_that_this_clone_lacks_is_told(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = with_stack(monkeypatch, artifact, tmp_path, "http://127.0.0.1:1")
    monkeypatch.setattr(cards, "Clone", lambda: Clone(tmp_path / "another"))
    assert main(["verify"]) == 1
    assert f"the artifact {version_of(digest)} of anomaly is not in this clone" in capsys.readouterr().err


def test_a_key_never_goes_over_plain_http_to_another_machine(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key").write_text("a-key")
    with_stack(monkeypatch, artifact, tmp_path, "https://score.example")
    for options in ([], ["--card", str(artifact), "--key-file", str(tmp_path / "key")]):
        assert main(["verify", "http://score.example", *options]) == 2
        assert "is plain HTTP: a key is sent only over https" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--card", "/none"], "--card asks no stack, so it needs the URL"),
        (["http://127.0.0.1:1", "--card", "/none"], "card '/none' cannot be read: No such file"),
        (["ftp://x", "--card", "/none"], "https://host/path is wanted"),
        (["http://127.0.0.1:1", "--card", "/none", "--key-file", "/none"], "--key-file '/none' cannot be read"),
        (["http://127.0.0.1:1", "--card", "/none", "--ca", "/none"], "--ca '/none' cannot be read"),
    ],
)
def test_a_bad_command_line_is_refused(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", *options]) == 2
    assert message in capsys.readouterr().err


def test_a_place_that_does_not_answer_exits_with_3(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "http://127.0.0.1:1", "--card", str(artifact)]) == 3
    assert "127.0.0.1:1 does not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "content", "reason"),
    [
        ("--ca", "", "holds no certificate in PEM"),
        ("--ca", "no certificate", "holds no certificate in PEM"),
        ("--key-file", "one\ntwo", "holds more than a key; one word of ASCII is wanted"),
        ("--key-file", "schlüssel", "holds more than a key; one word of ASCII is wanted"),
        ("--card", "[" * 100_000, "is nested too deep"),
    ],
)
def test_a_file_that_is_not_what_its_option_wants_exits_with_2_and_one_line(
    artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, content: str, reason: str
) -> None:
    file = tmp_path / "given"
    file.write_text(content, encoding="utf-8")
    others = [] if option == "--card" else ["--card", str(artifact)]

    assert main(["verify", "https://127.0.0.1:1", *others, option, str(file)]) == 2

    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1
