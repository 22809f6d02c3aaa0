"""A file is what it holds, whatever it is called; and what is not read says how to export it."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import gzip
import pickle
import zipfile
import zlib
from pathlib import Path

import pytest

from models.new.refused import Refused
from models.new.sources.advice import ADVICE
from models.new.sources.kind import kind_of
from tests.models.new import graphs

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(100)


def archive(file: Path, *names: str) -> Path:
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, b"{}")
    return file


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (graphs.linear().SerializeToString(), "onnx"),
        (pickle.dumps([1]), "pickle"),
        (gzip.compress(pickle.dumps([1])), "pickle"),
        *((zlib.compress(pickle.dumps([1]), level), "pickle") for level in (1, 3, 6, 9)),
        (HDF5, "keras"),
    ],
    ids=["onnx", "pickle", "gzip", "zlib-1", "zlib-3", "zlib-6", "zlib-9", "hdf5"],
)
@pytest.mark.parametrize("name", ["model.bin", "model.txt"])
def test_what_is_read_is_told_by_its_content(tmp_path: Path, content: bytes, kind: str, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) == kind


def test_a_keras_archive_and_an_mlflow_folder_are_told_by_what_is_inside(tmp_path: Path) -> None:
    assert kind_of(archive(tmp_path / "m.zip", "metadata.json", "config.json", "model.weights.h5")) == "keras"
    (tmp_path / "MLmodel").write_text("flavors: {}")
    assert kind_of(tmp_path) == "mlflow"


@pytest.mark.parametrize(
    ("content", "framework", "way"),
    [
        (b"tree\nversion=v4\n", "LightGBM", "convert_lightgbm"),
        (b'{"learner":{"attributes":{}}}', "XGBoost", "convert_xgboost"),
        (b"{L\x00\x00\x00\x00\x00\x00\x07learner", "XGBoost", "convert_xgboost"),
        (b"CBM1" + bytes(20), "CatBoost", 'format="onnx"'),
        (b"\x1c\x00\x00\x00TFL3" + bytes(20), "TensorFlow Lite", "--tflite"),
        (b"GGUF" + bytes(20), "llama.cpp", "no form in ONNX"),
        (b"\x40\x00\x00\x00\x00\x00\x00\x00" + b'{"weight":{}}', "safetensors", "torch.onnx.export"),
        (b'<?xml version="1.0"?><PMML version="4.4">', "PMML", "scikit-learn"),
    ],
)
def test_what_is_not_read_is_named_with_its_export(tmp_path: Path, content: bytes, framework: str, way: str) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(Refused) as refused:
        kind_of(tmp_path / "model.onnx")
    assert framework in str(refused.value)
    assert way in str(refused.value)


@pytest.mark.parametrize(
    ("inside", "kind"), [(["m/data.pkl", "m/version"], "torch"), (["m/data.pkl", "m/constants.pkl"], "torchscript")]
)
def test_archives_of_pytorch_are_named_and_never_opened(tmp_path: Path, inside: list[str], kind: str) -> None:
    with pytest.raises(Refused, match=r"torch\.onnx\.export") as refused:
        kind_of(archive(tmp_path / "model.pt", *inside))
    assert ADVICE[kind] in str(refused.value)


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (["saved_model.pb"], r"SavedModel.*python -m tf2onnx.convert --saved-model"),
        (["config.json", "model.safetensors"], "optimum-cli export onnx"),
        (["readme.txt"], "a folder without MLmodel"),
    ],
)
def test_other_folders_are_named(tmp_path: Path, inside: list[str], reason: str) -> None:
    for name in inside:
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(Refused, match=f"(?s){reason}"):
        kind_of(tmp_path)


@pytest.mark.parametrize(("content", "reason"), [(b"", "is empty"), (b"hello", r"is none of: ONNX.*b'hello'")])
def test_a_file_of_none_of_these_says_what_is_read(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(Refused, match=reason):
        kind_of(tmp_path / "model.onnx")
    with pytest.raises(Refused, match="absent is not there"):
        kind_of(tmp_path / "absent")
