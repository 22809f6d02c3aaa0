"""Entry script for Microsoft's azureml-inference-server-http with Keras in the process; KERAS_CALL says how.

`call` is `model(x)`, `predict` is `model.predict(x)`: users write both.
"""

# mypy: ignore-errors
from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")


def init():
    global network
    import keras
    from keras import layers

    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )
    with np.load(Path(os.environ["AZUREML_MODEL_DIR"]) / "weights.npz") as weights:
        network.set_weights([weights[f"arr_{index}"] for index in range(len(weights.files))])
    logits(np.zeros((1, 28, 28, 1), np.float32))


def logits(pictures):
    if os.environ["KERAS_CALL"] == "predict":
        return network.predict(pictures, verbose=0)
    return network(pictures, training=False).numpy()


@rawhttp
def run(request: AMLRequest):
    body = request.get_data()
    if request.content_type == "application/octet-stream":
        pictures = np.frombuffer(body, np.uint8).astype(np.float32) / 255
    else:
        pictures = np.array(json.loads(body)["data"], dtype=np.float32)
    digits = logits(pictures.reshape(-1, 28, 28, 1)).argmax(axis=1).tolist()
    return AMLResponse(digits, 200, json_str=True)
