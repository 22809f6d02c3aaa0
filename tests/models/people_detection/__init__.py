"""The people detector: data, training, its ONNX, what it answers, and exports of Custom Vision in its place."""
