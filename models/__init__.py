"""One folder per model: data, model, training, and the entry script that serves it."""

from __future__ import annotations

import os

# Here because it must be set before any model imports ONNX Runtime, which since 1.29 reports to its maker what it
# loads (graph names, hashes) unless told not to: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
