"""A scikit-learn estimator as ONNX: `features` (n, k) in, its prediction out; equal estimators give equal bytes.

https://onnx.ai/sklearn-onnx/
"""

from __future__ import annotations

from typing import Any

import onnx
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import is_classifier

from models.onnx_session import INPUT

OPSET = {"": 17, "ai.onnx.ml": 3}
IR_VERSION = 8


def export(estimator: Any, *, name: str, features: int) -> bytes:
    """`name` is the graph's. The first output is the prediction: a class, or a number."""
    converted = convert_sklearn(
        estimator,
        name=name,
        initial_types=[(INPUT, FloatTensorType([None, features]))],
        options={"zipmap": False} if is_classifier(estimator) else None,
        target_opset=OPSET,
    )
    # what says who made it, and when: other bytes for the same model
    converted.producer_name = converted.producer_version = converted.domain = converted.doc_string = ""
    converted.ir_version = IR_VERSION
    converted.graph.doc_string = ""
    # skl2onnx collects them in a set: their order would change from run to run
    opsets = sorted(converted.opset_import, key=lambda opset: opset.domain)
    del converted.opset_import[:]
    converted.opset_import.extend(opsets)
    del converted.metadata_props[:]
    for node in converted.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(converted)
    return bytes(converted.SerializeToString(deterministic=True))
