"""Build contexts: what goes into an image, and what a change of it does to the digest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clone.build_context import BuildContextError, as_read, build_context, content_of, context_digest
from clone.root import ROOT
from dryrun import make_clone
from tests.clone.test_rows import card


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path / "clone")


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    folder = tmp_path / "artifact"
    folder.mkdir()
    for name in ("model.onnx", "score.py", "card.json"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_the_scoring_image_holds_its_server_the_contracts_and_the_artifact(clone: Path, artifact: Path) -> None:
    assert sorted(build_context(clone, "scoring", artifact)) == [
        "Dockerfile",
        "artifact/card.json",
        "artifact/model.onnx",
        "artifact/score.py",
        "contracts/__init__.py",
        "contracts/names.py",
        "images/__init__.py",
        "images/scoring/__main__.py",
    ]


def test_the_image_for_gpus_is_the_scoring_image_with_another_lock_of_the_same_versions() -> None:
    plain, gpu = build_context(ROOT, "scoring", None), build_context(ROOT, "scoring_gpu", None)
    lock = "images/scoring/requirements.lock"
    assert plain.keys() == gpu.keys()
    assert [name for name in plain if plain[name] != gpu[name]] == [lock]
    pins, others = (set(re.findall(r"^\S+==\S+", content_of(one[lock]).decode(), re.MULTILINE)) for one in (plain, gpu))
    assert [pin.partition("==")[0] for pin in pins - others] == ["onnxruntime"]
    assert {pin.partition("==")[0] for pin in others - pins} == {
        "onnxruntime-gpu",
        *(
            f"nvidia-{name}"
            for name in ("cublas", "cuda-nvrtc", "cuda-runtime", "cudnn-cu13", "cufft", "curand", "nvjitlink")
        ),
    }


def test_the_sensor_image_holds_its_module_under_its_own_package(clone: Path) -> None:
    assert sorted(build_context(clone, "sensor", None)) == [
        "Dockerfile",
        "contracts/__init__.py",
        "contracts/names.py",
        "images/__init__.py",
        "images/sensor/__main__.py",
    ]


def test_the_replay_image_holds_the_rows_of_a_file_as_part_of_its_digest(clone: Path) -> None:
    (clone / "rows.csv").write_text("speed\n1\n", encoding="utf-8")
    first = build_context(clone, "replay", None, rows="rows.csv")

    (clone / "rows.csv").write_text("speed\n2\n", encoding="utf-8")
    second = build_context(clone, "replay", None, rows="rows.csv")

    assert (first["rows.jsonl"], second["rows.jsonl"]) == (b'{"speed":1}\n', b'{"speed":2}\n')
    assert context_digest(first) != context_digest(second)


def test_the_replay_image_holds_golden_examples_and_nothing_else_of_the_artifact(clone: Path, artifact: Path) -> None:
    (artifact / "card.json").write_bytes(card({"speed": 1}).to_bytes())

    context = build_context(clone, "replay", artifact)

    assert context["rows.jsonl"] == b'{"speed":1}\n'
    assert [name for name in context if name.startswith("artifact/")] == []


def test_compiled_hidden_and_explaining_files_stay_out(clone: Path) -> None:
    before = context_digest(build_context(clone, "scoring", None))
    for name in ("__pycache__/x.pyc", ".env", "README.md", "server.py~"):
        path = clone / "images" / "scoring" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("secret", encoding="utf-8")

    assert context_digest(build_context(clone, "scoring", None)) == before


def test_a_changed_or_moved_file_changes_the_digest(clone: Path) -> None:
    digests = {context_digest(build_context(clone, "scoring", None))}
    server = clone / "images" / "scoring" / "__main__.py"

    server.write_text("print('other')\n", encoding="utf-8")
    digests.add(context_digest(build_context(clone, "scoring", None)))
    server.rename(server.with_name("main.py"))
    digests.add(context_digest(build_context(clone, "scoring", None)))

    assert len(digests) == 3


def test_two_clones_have_the_same_digest(tmp_path: Path) -> None:
    first, second = (build_context(make_clone(tmp_path / name), "sensor", None) for name in "ab")

    assert context_digest(first) == context_digest(second)


def test_an_unknown_image_names_those_there_are(clone: Path) -> None:
    with pytest.raises(
        BuildContextError, match="image 'camera': unknown; there are image_capture, probe, replay, scoring, scoring_gpu"
    ):
        build_context(clone, "camera", None)


def test_a_missing_dockerfile_is_named(clone: Path) -> None:
    (clone / "images" / "sensor" / "Dockerfile").unlink()

    with pytest.raises(BuildContextError, match="images/sensor/Dockerfile is missing"):
        build_context(clone, "sensor", None)


def test_what_was_read_for_the_digest_is_what_is_packed(tmp_path: Path) -> None:
    clone = make_clone(tmp_path)
    read = as_read(build_context(clone, "scoring", None))
    digest = context_digest(read)
    for file in tmp_path.rglob("*.py"):
        file.write_text("changed = True\n")
    assert context_digest(read) == digest != context_digest(build_context(clone, "scoring", None))
