"""The content-addressed stores for data and artifacts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from contracts.artifacts import ArtifactStore
from contracts.card import artifact_digest
from contracts.data import Store, spec_key
from contracts.names import model_repository


def artifact(folder: Path, model: bytes = b"model") -> Path:
    folder.mkdir()
    for name, content in (("model.onnx", model), ("score.py", b"def init(): ..."), ("card.json", b"{}")):
        (folder / name).write_bytes(content)
    return folder


def test_an_artifact_is_found_by_its_digest_and_adding_it_again_changes_nothing(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "store")
    source = artifact(tmp_path / "made")
    digest = store.add(source)
    assert digest == artifact_digest(source) == store.add(source)
    kept = store.path(digest)
    assert kept is not None and artifact_digest(kept) == digest
    assert [entry.name for entry in store.root.iterdir()] == [digest]


def test_an_artifact_that_is_not_here_is_none_and_a_bad_digest_is_refused(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    assert store.path("0" * 64) is None
    with pytest.raises(ValueError, match=r"not a digest: '\.\./x'"):
        store.path("../x")


def test_a_folder_without_a_model_is_no_artifact(tmp_path: Path) -> None:
    source = artifact(tmp_path / "made")
    (source / "model.onnx").unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.onnx is missing"):
        ArtifactStore(tmp_path / "store").add(source)


def test_a_run_is_remembered_only_as_long_as_its_artifact_is_here(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "store")
    digest = store.add(artifact(tmp_path / "made"))
    inputs = hashlib.sha256(b"inputs").hexdigest()
    assert store.run(inputs) is None
    store.record_run(inputs, digest)
    assert store.run(inputs) == digest
    kept = store.path(digest)
    assert kept is not None
    kept.rename(tmp_path / "gone")
    assert store.run(inputs) is None


def test_data_is_stored_by_content_and_found_by_what_was_asked_for(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    source = tmp_path / "some.csv"
    source.write_bytes(b"a,b\n1,2\n")
    key = spec_key("anomaly", {"source": "simulator", "seed": 0})
    assert store.resolve(key) is None
    sha256 = store.add(source)
    store.record(key, sha256)
    assert sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert store.resolve(key) == sha256
    assert (store.path(sha256) / "data.csv").read_bytes() == b"a,b\n1,2\n"
    assert [file.name for file in store.path(sha256).iterdir()] == ["data.csv"]


def test_a_ref_to_data_that_is_gone_resolves_to_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    key = spec_key("anomaly", {})
    store.record(key, "0" * 64)
    assert store.resolve(key) is None


def test_a_spec_key_ignores_the_order_of_keys_and_sees_every_value() -> None:
    one = spec_key("anomaly", {"source": "simulator", "seed": 0})
    assert one == spec_key("anomaly", {"seed": 0, "source": "simulator"})
    assert one != spec_key("anomaly", {"source": "simulator", "seed": 1})
    assert one != spec_key("other", {"source": "simulator", "seed": 0})


def test_a_model_name_that_a_registry_would_refuse_is_refused() -> None:
    assert model_repository("anomaly") == "edgeway/anomaly"
    with pytest.raises(ValueError, match="model name 'Ano/maly' is not allowed"):
        model_repository("Ano/maly")
