"""The two models that are served: artifacts for us, and the same weights in the form that the anchors load."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import onnx
from onnx import numpy_helper

from bench.scoring.environments import LOCAL, ROOT
from clone.layout import Clone
from infra.provider.local.model_venv import interpreter
from models.anomaly import model as anomaly
from models.anomaly.data import parse_csv
from pluginbase.resource import OperationContext, ProviderError

ANOMALY, MNIST = "anomaly", "mnist_keras"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    name: str
    data: Path
    artifact: Path
    anchor: Path
    """The folder with `model.joblib` or `weights.npz`, the same model for scikit-learn or Keras."""


def make(name: str) -> Model:
    folder = LOCAL / "models" / name
    made = Model(name=name, data=folder / "data", artifact=folder / "artifact", anchor=folder / "anchor")
    _run(Path(sys.executable), f"models.{name}.data", "--out", str(made.data))
    _run(trainer(name), f"models.{name}.train", "--data", str(made.data), "--out", str(made.artifact))
    made.anchor.mkdir(exist_ok=True)
    (_as_joblib if name == ANOMALY else _as_weights)(made)
    return made


def trainer(name: str) -> Path:
    """The stack's own way to it, and its folder: made once for both."""
    print(f"training {name} ...", file=sys.stderr, flush=True)
    try:
        return interpreter(OperationContext(), Clone(ROOT), name)
    except ProviderError as error:
        sys.exit(str(error))


def _as_joblib(made: Model) -> None:
    """Trained as the artifact was: the same data, split and seed give the same tree."""
    split = anomaly.split(parse_csv((made.data / "data.csv").read_bytes()))
    joblib.dump(anomaly.fit(split, anomaly.Hyperparameters()), made.anchor / "model.joblib")


def _as_weights(made: Model) -> None:
    """Back from the exported graph into Keras' order of axes."""
    graph = onnx.load(made.artifact / "model.onnx").graph
    arrays = [numpy_helper.to_array(weight) for weight in graph.initializer]
    kernels = [array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T for array in arrays]
    depth, edge = 64, 3  # of the last convolution's output, which is flattened: channels first here, last in Keras
    flattened = kernels[6]
    kernels[6] = flattened.reshape(depth, edge, edge, -1).transpose(1, 2, 0, 3).reshape(flattened.shape)
    np.savez(made.anchor / "weights.npz", *kernels)


def _run(python: Path, module: str, *arguments: str) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    result = subprocess.run(
        [str(python), "-m", module, *arguments],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        sys.exit(f"{module} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
