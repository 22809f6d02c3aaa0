"""What a file or folder of a model is, by what it holds: its name only decides where that leaves several."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from models.new.refused import Refused
from models.new.sources.advice import ADVICE

ONNX, PICKLE, KERAS, MLFLOW = "onnx", "pickle", "keras", "mlflow"
HEAD = 4096
_HDF5 = b"\x89HDF\r\n\x1a\n"
# joblib's compressors, by the first bytes of what they write
_COMPRESSED = (b"\x1f\x8b", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"BZh", b"\xfd7zXZ", b"\x04\x22\x4d\x18")
# an ONNX model begins with the tag of one of its fields, mostly of ir_version
_ONNX_TAGS = (b"\x08", b"\x12", b"\x1a", b"\x22", b"\x28", b"\x32", b"\x3a", b"\x42")


def kind_of(path: Path) -> str:
    """One of the four that are read; raises Refused with what to do for every other."""
    if not path.exists():
        raise Refused(f"{path} is not there; a file or an MLflow folder is wanted")
    if not path.is_dir() and not path.is_file():
        raise Refused(f"{path} is neither a file nor a folder")
    kind = _folder(path) if path.is_dir() else _file(path)
    if kind in ADVICE:
        raise Refused(f"{path} is {ADVICE[kind]}")
    return kind


def _folder(path: Path) -> str:
    if (path / "MLmodel").is_file():
        return MLFLOW
    if (path / "saved_model.pb").is_file():
        return "savedmodel"
    if (path / "config.json").is_file() and list(path.glob("*.safetensors")):
        return "transformers"
    raise Refused(f"{path} is a folder without MLmodel: of folders only those of MLflow are read")


def _file(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise Refused(f"{path} is empty")
    for kind, is_it in _SIGNS:
        if is_it(head, path):
            return kind
    raise Refused(
        f"{path} is none of: ONNX, scikit-learn by joblib or pickle, Keras (.keras, .h5), an MLflow folder. "
        f"It begins with {head[:8]!r}"
    )


def _zip_with(*names: str) -> Callable[[bytes, Path], bool]:
    def is_it(head: bytes, path: Path) -> bool:
        if not head.startswith(b"PK"):
            return False
        try:
            with zipfile.ZipFile(path) as archive:
                inside = [name.rpartition("/")[2] for name in archive.namelist()]
        except (zipfile.BadZipFile, OSError):
            return False
        return all(name in inside for name in names)

    return is_it


def _text(*parts: bytes) -> Callable[[bytes, Path], bool]:
    return lambda head, path: any(part in head for part in parts)


_SIGNS: tuple[tuple[str, Callable[[bytes, Path], bool]], ...] = (
    (KERAS, _zip_with("config.json", "model.weights.h5")),
    ("torchscript", _zip_with("constants.pkl")),
    ("torch", _zip_with("data.pkl")),
    (KERAS, lambda head, path: head.startswith(_HDF5)),
    ("tflite", lambda head, path: head[4:8] == b"TFL3"),
    ("gguf", lambda head, path: head.startswith(b"GGUF")),
    ("safetensors", lambda head, path: head[8:10] == b'{"'),
    ("lightgbm", lambda head, path: head.startswith(b"tree\n")),
    ("xgboost", lambda head, path: b"learner" in head[:64] and head[:1] in b"{L\x7b"),
    ("xgboost", lambda head, path: head.startswith(b"binf")),
    ("catboost", lambda head, path: head.startswith(b"CBM1")),
    ("pmml", _text(b"<PMML")),
    (PICKLE, lambda head, path: head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05"),
    (PICKLE, lambda head, path: head.startswith(_COMPRESSED) and path.suffix != ".onnx"),
    (ONNX, lambda head, path: head.startswith(_ONNX_TAGS)),
)
