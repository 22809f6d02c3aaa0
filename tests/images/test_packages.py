"""Entry scripts that bring packages: resolved, installed in the image, and gone through the image's own check.

What they need is what entry scripts of the field import; Flask and Werkzeug come with Azure ML's own server there.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from clone.root import ROOT
from contracts.card import Golden
from tests.contracts.test_card import CARD
from tests.images.containers import built
from tests.waiting import DEADLINE_S
from tools.serving_locks import main

pytestmark = [
    pytest.mark.docker,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PILLOW = """
import io
from PIL import Image
def init(): ...
def run(data):
    picture = Image.new("RGB", (3, 2), "red")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return list(Image.open(io.BytesIO(buffer.getvalue())).size)
"""
PANDAS = """
import json
import pandas
def init(): ...
def run(data): return json.loads(pandas.DataFrame([json.loads(data)]).to_json(orient="records"))
"""
JOBLIB = """
import io
import joblib
from sklearn.linear_model import LinearRegression
def init():
    global model
    file = io.BytesIO()
    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), file)
    file.seek(0)
    model = joblib.load(file)
def run(data): return model.predict([[3.0]]).tolist()
"""
FLASK = """
from flask import Response, jsonify, Flask
import werkzeug
def init(): ...
def run(data): return {"flask": Response("a").get_data(as_text=True), "werkzeug": bool(werkzeug.exceptions)}
"""
SCRIPTS = {
    "pandas": ("pandas\n", PANDAS, {"x": 1}, [{"x": 1}]),
    "joblib and scikit-learn": ("joblib\nscikit-learn\n", JOBLIB, 1, [6.0]),
    "flask": ("flask\n", FLASK, 1, {"flask": "a", "werkzeug": True}),
}


def checked(
    engine: docker.DockerClient, run: Callable[..., Container], folder: Path, case: tuple[str, str, object, object]
) -> dict[str, object]:
    """What `--check` of the image says, in a container as the gate runs it."""
    wanted, script, question, answer = case
    artifact = _artifact(folder, wanted, script, Golden(name="one", input=question, output=answer))
    with contextmanager(built)(engine, "scoring", artifact) as image:
        container = run(image, command=["python", "-m", "images.scoring", "--check"], network_mode="none")
        container.wait(timeout=DEADLINE_S)
        told: dict[str, object] = json.loads(container.logs(stderr=False))
    return told


def _artifact(folder: Path, wanted: str, script: str, golden: Golden) -> Path:
    model = folder / "models" / "boiler"
    model.mkdir(parents=True)
    (folder / "images" / "scoring").mkdir(parents=True)
    shutil.copy(ROOT / "images/scoring/requirements.lock", folder / "images/scoring")
    (model / "serving.in").write_text(wanted)
    uv = shutil.which("uv") or next((Path.home() / ".cache" / "edgeway").glob("uv-*/bin/uv"))
    assert main(["--uv", str(uv)], folder) == 0, sys.stderr
    (model / "serving.in").unlink()
    (model / "score.py").write_text(script)
    (model / "model.onnx").write_bytes(b"not loaded")
    card = replace(CARD, name="boiler", golden=(golden,))
    (model / "card.json").write_bytes(card.to_bytes())
    return model


def test_an_entry_script_that_brings_pillow_is_served(
    engine: docker.DockerClient, run: Callable[..., Container], tmp_path: Path
) -> None:
    assert checked(engine, run, tmp_path, ("pillow\n", PILLOW, 1, [3, 2]))["passed"] is True


@pytest.mark.long
@pytest.mark.parametrize("name", SCRIPTS)
def test_entry_scripts_of_the_field_are_served_with_their_packages(
    engine: docker.DockerClient, run: Callable[..., Container], tmp_path: Path, name: str
) -> None:
    assert checked(engine, run, tmp_path, SCRIPTS[name])["passed"] is True
