"""What to do with a model that is not read itself: for each framework the lines that export it to ONNX."""

from __future__ import annotations

_THEN = "and give the model.onnx that they make to --from"


def _export(what: str, *lines: str) -> str:
    return f"{what}, which is not read itself. Run these lines where it was made, {_THEN}:\n  " + "\n  ".join(lines)


ADVICE = {
    "torch": _export(
        "saved by PyTorch (a pickle: of weights alone, or of code that only its own project has)",
        "model.eval()   # the torch.nn.Module, with its weights",
        'torch.onnx.export(model, (example_input,), "model.onnx", dynamo=True, external_data=False,',
        '                  input_names=["input"], output_names=["output"],',
        '                  dynamic_shapes=({0: torch.export.Dim("batch")},))',
    ),
    "torchscript": _export(
        "a TorchScript archive",
        "# the exporter wants the Module itself, not the archive",
        'torch.onnx.export(model.eval(), (example_input,), "model.onnx", dynamo=True, external_data=False)',
    ),
    "savedmodel": _export(
        "a SavedModel of TensorFlow",
        "python -m tf2onnx.convert --saved-model FOLDER --output model.onnx --opset 17",
    ),
    "tflite": _export(
        "a model of TensorFlow Lite", "python -m tf2onnx.convert --tflite FILE --output model.onnx --opset 17"
    ),
    "xgboost": _export(
        "a model of XGBoost",
        "from onnxmltools import convert_xgboost",
        "from onnxmltools.convert.common.data_types import FloatTensorType",
        'made = convert_xgboost(booster, initial_types=[("features", FloatTensorType([None, N_FEATURES]))])',
        'open("model.onnx", "wb").write(made.SerializeToString())',
    ),
    "lightgbm": _export(
        "a model of LightGBM",
        "from onnxmltools import convert_lightgbm",
        "from onnxmltools.convert.common.data_types import FloatTensorType",
        'made = convert_lightgbm(booster, initial_types=[("features", FloatTensorType([None, N_FEATURES]))],',
        "                        zipmap=False)",
        'open("model.onnx", "wb").write(made.SerializeToString())',
    ),
    "catboost": _export("a model of CatBoost", 'model.save_model("model.onnx", format="onnx")'),
    "safetensors": _export(
        "weights alone (safetensors), without the network that they are of",
        "# build the torch.nn.Module, load_state_dict(...), then",
        'torch.onnx.export(model.eval(), (example_input,), "model.onnx", dynamo=True, external_data=False)',
    ),
    "transformers": _export(
        "a model of Hugging Face", "optimum-cli export onnx --model FOLDER out/   # gives out/model.onnx"
    ),
    "gguf": "a language model of llama.cpp (GGUF). It has no form in ONNX; what this project serves answers in "
    "milliseconds, and such a model does not",
    "pmml": "PMML, a description of a model. Train it again in scikit-learn, or give the one that PMML was made of",
    "pyfunc": "an MLflow model of the flavor python_function only: code, no graph. Log it with the flavor of its "
    "own framework (mlflow.sklearn.log_model, mlflow.onnx.log_model, ...); or write its code as the score.py of "
    "a folder of its own (docs/add-a-model.md)",
}
"""Kind -> "is ..."; a kind that is here is never read."""
