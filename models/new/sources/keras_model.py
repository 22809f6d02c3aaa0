"""A Keras model (.keras, .h5) to ONNX by Keras' own exporter: `python -m models.new.sources.keras_model FILE OUT`.

Run in the environment of `models/mnist_keras/requirements.txt`, with a deadline and limits. Lambda layers and classes
of one's own are code, which `safe_mode` does not open: such a model is refused. Prints what it did as JSON.
"""

# mypy: disable-error-code="import-untyped,import-not-found"
from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from models.new import limits

ROWS = 64
MOST_DIFFERENCE = 1e-3
FREE_LENGTH = 8


class KerasRefused(Exception):
    pass


def convert(file: Path, out: Path) -> dict[str, Any]:
    import keras
    import onnxruntime
    import tensorflow
    import tf2onnx

    model = _opened(file)
    drawn = [_drawn(one) for one in model.inputs]
    if any(one.dtype == "string" for one in model.inputs):
        raise KerasRefused(f"{file} takes texts, for which Keras' exporter has no form in ONNX: encode them before it")
    expected = model(drawn if len(drawn) > 1 else drawn[0])  # the exporter wants a model that was called
    try:
        model.export(str(out), format="onnx", verbose=False)
    except Exception as error:
        raise KerasRefused(
            f"{file}: Keras' exporter has no form in ONNX for it: {type(error).__name__}: {_short(error)}. Replace the "
            "layer by those of keras.layers that it lists (https://keras.io/api/models/model_saving_apis/export/)"
        ) from error
    _name_outputs(out, getattr(model, "output_names", None) or [model.layers[-1].name])
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    got = session.run(None, {one.name: array for one, array in zip(session.get_inputs(), drawn, strict=True)})
    worst = max(
        float(np.max(np.abs(one - np.asarray(two)) / np.maximum(1, np.abs(np.asarray(two)))))
        for one, two in zip(got, expected if isinstance(expected, list | tuple) else [expected], strict=True)
    )
    if not worst <= MOST_DIFFERENCE:
        raise KerasRefused(
            f"{file}: ONNX differs from Keras by {worst:.3g} over drawn rows, allowed is {MOST_DIFFERENCE}"
        )
    return {
        "framework": {"keras": keras.__version__, "tensorflow": tensorflow.__version__, "tf2onnx": tf2onnx.__version__},
        "notes": [f"over {ROWS} drawn rows numbers differ from Keras' by {worst:.2g} at the most"],
    }


def _opened(file: Path) -> Any:
    import keras

    try:
        model = keras.saving.load_model(file, compile=False, safe_mode=True)
    except Exception as error:
        text = str(error)
        if "Lambda" in text or "lambda" in text:
            raise KerasRefused(
                f"{file} has a Lambda layer, which is code in a file and is not run: write it as layers of keras.layers"
                " (keras.ops in a functional model needs none), and save it again"
            ) from None
        if "register_keras_serializable" in text or "custom" in text.lower() or "Unknown layer" in text:
            raise KerasRefused(
                f"{file} has classes of its own, which are not in it: export it where they are, by "
                'model.export("model.onnx", format="onnx"), and give that file'
            ) from None
        raise KerasRefused(f"{file} is not opened by keras {keras.__version__}: {_short(error)}") from None
    if not getattr(model, "inputs", None):
        raise KerasRefused(f"{file} is a model without known inputs (a subclass, or never called): export it where it "
                           'was made, by model.export("model.onnx", format="onnx"), and give that file')  # fmt: skip
    return model


def _name_outputs(file: Path, names: list[str]) -> None:
    """As the model's last layers are called: the exporter calls them Identity:0, Identity_1:0, ..."""
    import onnx

    model = onnx.load(file)
    renamed = {value.name: name for value, name in zip(model.graph.output, names, strict=True)}
    for value in model.graph.output:
        value.name = renamed[value.name]
    for node in model.graph.node:
        for values in (node.input, node.output):
            values[:] = [renamed.get(name, name) for name in values]
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _drawn(one: Any) -> Any:
    generator = np.random.default_rng(0)
    shape = (ROWS, *(FREE_LENGTH if length is None else length for length in one.shape[1:]))
    if one.dtype.startswith("float"):
        return generator.uniform(0, 1, size=shape).astype(one.dtype)
    return generator.integers(2, size=shape).astype(one.dtype if one.dtype != "string" else "int64")


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def main(argv: list[str]) -> int:
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}
    limits.apply()
    file, out = map(Path, argv)
    try:
        told = convert(file, out)
    except KerasRefused as error:
        print(json.dumps({"refused": str(error)}))
        return 2
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
