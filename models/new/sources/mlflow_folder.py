"""An MLflow folder: which file of it is the model, by its flavors, and the columns of its signature.

https://mlflow.org/docs/latest/ml/model/ (the MLmodel file). MLflow itself is not needed to read it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from models.new.refused import Refused
from models.new.sources.advice import ADVICE
from models.new.sources.kind import kind_of


def model_of(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The file that the flavor names, of a kind that is read; and the names of columns, where they are told."""
    document = _document(folder)
    flavors = document.get("flavors")
    if not isinstance(flavors, Mapping) or not flavors:
        raise Refused(f"{folder}/MLmodel names no flavors; allowed are onnx, sklearn, keras and tensorflow")
    for name, data in _FILES:
        if name in flavors:
            return _inside(folder, name, data(folder, flavors[name])), _columns(document)
    if set(flavors) == {"python_function"}:
        raise Refused(f"{folder} is {ADVICE['pyfunc']}")
    known = {"pytorch": "torch"}
    theirs = next((known.get(name, name) for name in flavors if known.get(name, name) in ADVICE), None)
    if theirs:
        raise Refused(f"{folder} is {ADVICE[theirs]}")
    others = ", ".join(sorted(set(flavors) - {"python_function"}))
    raise Refused(f"{folder} has the flavors {others}; allowed are onnx, sklearn, keras and tensorflow (Keras)")


def _document(folder: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refused(f"{folder}/MLmodel cannot be read: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(document, dict):
        raise Refused(f"{folder}/MLmodel is no tree; flavors are wanted")
    return document


def _onnx(folder: Path, flavor: Mapping[str, Any]) -> Any:
    return flavor.get("data")


def _sklearn(folder: Path, flavor: Mapping[str, Any]) -> Any:
    if (form := flavor.get("serialization_format", "cloudpickle")) not in ("cloudpickle", "pickle"):
        raise Refused(f"{folder}: sklearn's serialization_format is {form!r}; allowed are pickle and cloudpickle")
    return flavor.get("pickled_model")


def _keras(folder: Path, flavor: Mapping[str, Any]) -> Any:
    data = str(flavor.get("data", "data"))
    tried = [data, *(f"{data}/model.{end}" for end in ("keras", "h5"))]
    if flavor.get("model_type") == "tf1-estimator" or (folder / data / "model" / "saved_model.pb").is_file():
        raise Refused(f"{folder} is {ADVICE['savedmodel']}")
    return next((name for name in tried if (folder / name).is_file()), tried[-2])


_FILES = (("onnx", _onnx), ("sklearn", _sklearn), ("keras", _keras), ("tensorflow", _keras))


def _inside(folder: Path, flavor: str, name: Any) -> Path:
    file = folder / str(name)
    if not isinstance(name, str) or not file.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"{folder}/MLmodel: the file of {flavor} is {name!r}; a file in the folder is wanted")
    if not file.is_file():
        raise Refused(f"{folder}/MLmodel: the file of {flavor} is {name!r}, which is not there")
    kind_of(file)
    return file


def _columns(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Of the signature, where it is of columns; of tensors it says none."""
    signature = document.get("signature")
    try:
        inputs = json.loads(signature["inputs"]) if isinstance(signature, Mapping) else []
        return tuple(str(one["name"]) for one in inputs if one.get("type") != "tensor")
    except (KeyError, TypeError, ValueError, AttributeError):
        return ()
