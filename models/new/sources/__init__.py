"""What a given file of a model is, and how it becomes ONNX: one file a framework."""
