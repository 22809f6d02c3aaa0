"""An exported model, asked in ONNX Runtime as the scoring server will: `features` in, one answer a row out."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

INPUT = "features"


def predict(model: bytes, features: NDArray[np.float32]) -> NDArray[Any]:
    """Of the model's first output: classes, or numbers."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])
    answers: NDArray[Any] = session.run([session.get_outputs()[0].name], {INPUT: features})[0]
    return answers.ravel()
