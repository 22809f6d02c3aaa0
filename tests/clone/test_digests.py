"""Each recipe against what the code before clone/ made of the same values: these digests stand in states and tags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clone import digests
from clone.build_context import build_context, context_digest
from clone.training_inputs import TrainingInputs, training_inputs
from contracts.card import artifact_digest
from contracts.data import spec_key
from dryrun import DATA_SPEC, make_clone

# what the recipes spell differently: order, spaces, what is not ASCII, small numbers
DOCUMENT: dict[str, Any] = {"z": [1, 2.5, True, None], "ä": "é € 😀", "a": {"b": "c d", "a": 1e-7}}
CONTENT_DIGEST = "cd62511410e59a150441a34afa04a835f2063875406164c7ac5003fff3964cb9"


def test_files() -> None:
    digest = digests.of_files({"b/ü.txt": b"two", "a.txt": b"one", "B": b""})
    assert digest == "01b15b59d19dacdddaf39ce8e4f5c3fe679ddeabf01e864325c4a9f3457af2dd"


def test_a_deployments_content() -> None:
    assert digests.of_deployment_content(DOCUMENT) == CONTENT_DIGEST
    not_a_number = digests.of_deployment_content({"a": float("nan")})
    assert not_a_number == "0ce896293703c00486a61416514acc94d2919f4bd42141dedcca7ddfb97ec422"


def test_what_makes_an_image() -> None:
    sensor = digests.of_image(
        image="sensor",
        context_digest="1" * 64,
        artifact_digest=None,
        build_arguments={"BASE_IMAGE": "pythön:3"},
    )
    scoring = digests.of_image(image="scoring", context_digest="1" * 64, artifact_digest="2" * 64, build_arguments={})
    assert sensor == "8816f78f00225e1641ce6a49fe0459347f8a2d796b36d9aa6843e8adb89c5aee"
    assert scoring == "d8bf1744e777bb04890265cfa91a8157af33bc101674912ecc1bf11f63961206"


def test_the_inputs_of_a_training() -> None:
    digest = digests.of_training_inputs(
        code={"models/ä/train.py": b"import json\n"},
        data_sha256="d" * 64,
        hyperparameters={"b": "é", "a": 0.1},
        packages=["numpy==2.4.6"],
    )
    assert digest == "053d7d40d5a84b3bd9ef1f08ab6f1b8f716fd750dbab2a035fd5cc10ddcf059f"
    with pytest.raises(ValueError, match="not JSON compliant"):
        digests.of_training_inputs(code={}, data_sha256="", hyperparameters={"a": float("nan")}, packages=[])


def test_the_inputs_of_a_training_from_a_clone(tmp_path: Path) -> None:
    hyperparameters = {"max_depth": 4, "ähm": "é", "rate": 0.1, "on": True}
    inputs = training_inputs(
        make_clone(tmp_path), model="anomaly", data_spec=DATA_SPEC, hyperparameters=hyperparameters
    )
    assert inputs == TrainingInputs(
        data_key="94e7866d015246a2a9b50e8f0edbedc8278d1273f18fad225b601a062b73b835",
        data_sha256="8badd1aa4a412d9f1d55adec3e11d044b03d7d18ee234b8d3ce0d7cb92461f25",
        digest="a4275c330c5d28f1d7b45092050442fd24eead19734756fd27d8b46e3c68a4a4",
    )


def test_a_build_context(tmp_path: Path) -> None:
    digest = context_digest(build_context(make_clone(tmp_path), "scoring", None))
    assert digest == "6d33923ffd8028dd01acca71cde0fd13c363bb90a2879fb989b6f92e013aa2be"


def test_a_models_requirements() -> None:
    digest = digests.of_requirements(b"torch==2.9.0\n")
    assert digest == "44d3c93f4ad01185aae3f7ad339da4c9f5799739bb74bc84c9e60795fb254ec9"


def test_the_defaults_of_json_are_those_of_a_data_specification() -> None:
    document = {"model": "anomaly", "spec": DOCUMENT}
    assert digests.of_json(document) == "4ad8fd878478ed4a3b217ff2bea24666b547786c38c49cea199ba53b8a7e5e9c"
    assert spec_key("anomaly", DOCUMENT) == digests.of_json(document)


def test_files_are_digested_as_artifacts_are(tmp_path: Path) -> None:
    files = {"card.json": b"c", "model.onnx": b"m"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert digests.of_files(files) == artifact_digest(tmp_path)
