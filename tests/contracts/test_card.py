"""The card and the artifact's digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.card import (
    Body,
    Card,
    CardError,
    Dataset,
    Golden,
    Seeds,
    artifact_digest,
    load_card,
    parse_card,
    version_of,
)
from contracts.golden import Difference
from contracts.thresholds import Threshold

CARD = Card(
    name="anomaly",
    framework={"scikit-learn": "1.9.1"},
    hyperparameters={"max_depth": None},
    seeds=Seeds(split_seed=0, seed=3),
    data=Dataset(sha256="ab" * 32, rows=10, train=6, test=4),
    metrics={"accuracy": 0.99, "recall": 0.96},
    thresholds={"accuracy": Threshold(min=0.98), "recall": Threshold(min=0.97, max=1)},
    input={"type": "object"},
    output={"type": "object"},
    golden=(Golden(name="normal", input={"t": 21.5}, output={"t": 21.5, "anomaly": False}),),
    licence="MIT",
)


def document(**changes: Any) -> bytes:
    return json.dumps({**json.loads(CARD.to_bytes()), **changes}).encode()


def test_a_card_reads_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_bytes(CARD.to_bytes())
    assert load_card(tmp_path) == CARD
    assert load_card(tmp_path / "card.json").to_bytes() == CARD.to_bytes()


def test_a_golden_example_may_be_a_body_of_any_media_type_and_leave_places_of_its_answer_open() -> None:
    picture = Golden(
        name="cat", body=Body("image/png", b"\x89PNG\0"), output=[["cat"], "Computed in 3 ms"], any_at=("$[1]",)
    )
    card = replace(CARD, golden=(*CARD.golden, picture))
    written = json.loads(card.to_bytes())["golden"]
    assert written[1]["body"] == {"content": "iVBORwA=", "media_type": "image/png"}
    assert "input" not in written[1]
    assert written[0].keys() == {"name", "input", "output", "tolerance"}
    assert parse_card(card.to_bytes()) == card
    assert picture.request == Body("image/png", b"\x89PNG\0")
    assert CARD.golden[0].request == Body("application/json", b'{"t":21.5}')
    assert picture.difference([["cat"], "Computed in 900 ms"]) is None
    assert picture.difference([["dog"], "Computed in 3 ms"]) == Difference("$[0][0]", "cat", "dog")


def test_a_card_says_that_its_run_is_slow_only_where_it_is() -> None:
    assert b"slow" not in CARD.to_bytes()
    assert parse_card(replace(CARD, slow=True).to_bytes()).slow


def test_a_card_tells_which_of_its_own_thresholds_its_metrics_miss() -> None:
    assert [str(one) for one in CARD.unmet()] == ["recall is 0.96, allowed from 0.97 to 1"]


def test_a_card_may_spell_a_threshold_as_the_least_alone() -> None:
    assert parse_card(document(thresholds={"accuracy": 0.98})).thresholds == {"accuracy": Threshold(min=0.98)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON"),
        (b"[]", "must be a JSON object, is list"),
        (document(schema=2), "schema is 2, allowed is 1"),
        (document(colour="red"), "unknown key 'colour', allowed are "),
        (document(seeds={"seed": 1}), "seeds: 'split_seed' is missing"),
        (document(golden={}), "golden must be a list, is dict"),
        (document(golden=[{"name": "x", "input": 1}]), r"golden\[0\]: 'output' is missing"),
        (document(thresholds={"mae": {"most": 1}}), r"card\.json: thresholds\.mae: .* is no threshold; allowed: min"),
        (document(slow="yes"), "slow is 'yes', allowed are true and false"),
        (document(metrics=[]), "metrics must be an object, is list"),
        (document(golden=[{"name": "a", "output": 1}]), "golden\\[0\\]: must have either 'input' or 'body'"),
        (
            document(golden=[{"name": "a", "output": 1, "body": {"media_type": "image/png", "content": "@"}}]),
            "golden\\[0\\]: body.content is no base64",
        ),
        (document(golden=[{"name": "a", "output": 1, "body": {}}]), "golden\\[0\\]: body: 'content' is missing"),
    ],
)
def test_a_bad_card_is_refused_naming_what_is_wrong(content: bytes, message: str) -> None:
    with pytest.raises(CardError, match=message):
        parse_card(content, where="card.json")


def test_the_digest_is_sha256_over_sorted_paths_and_file_hashes(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"m")
    (tmp_path / "card.json").write_bytes(b"c")
    lines = "".join(
        f"{name}\0{hashlib.sha256(body).hexdigest()}\n" for name, body in (("card.json", b"c"), ("model.onnx", b"m"))
    )
    digest = artifact_digest(tmp_path)
    assert digest == hashlib.sha256(lines.encode()).hexdigest()
    assert version_of(digest) == digest[:12]


def test_bytecode_left_by_an_import_does_not_change_the_digest(tmp_path: Path) -> None:
    (tmp_path / "score.py").write_bytes(b"x = 1\n")
    before = artifact_digest(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "score.pyc").write_bytes(b"0")
    assert artifact_digest(tmp_path) == before


def test_an_empty_folder_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected model\.onnx, score\.py, card\.json"):
        artifact_digest(tmp_path)
