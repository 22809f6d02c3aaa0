"""A given ONNX file, looked at before anything runs it: whole, one file, nothing that only its maker has.

Run in a process of its own, with a deadline and limits: the file is untrusted.
"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_model, uses_external_data

from models.new.refused import Refused

MOST_BYTES = 512 * 1024 * 1024
DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "ai.onnx.preview.training")
"""Of operators that ONNX Runtime has built in."""


def read(file: Path) -> bytes:
    """The model with all its weights; raises Refused."""
    if (size := file.stat().st_size) > MOST_BYTES:
        raise Refused(f"{file} has {size:,} bytes; at most {MOST_BYTES:,} are allowed, as image and model carry them")
    content = file.read_bytes()
    try:
        model = onnx.load_from_string(content)
    except DecodeError:
        raise Refused(f"{file} is no ONNX model: it cannot be decoded (cut off, or another kind of file)") from None
    if not model.graph.node or not model.opset_import:
        raise Refused(f"{file} is no ONNX model: it has no graph, or names no operator set")
    unknown = sorted({entry.domain for entry in model.opset_import} - set(DOMAINS))
    if unknown or (model.functions and any(one.domain in DOMAINS for one in model.functions)):
        raise Refused(
            f"{file} has operators of the domain {unknown[0]!r}, which only its maker has; ONNX Runtime knows "
            f"{', '.join(repr(domain) for domain in DOMAINS)}. Export it without custom operators"
        )
    if external := [tensor for tensor in _tensors(model) if uses_external_data(tensor)]:
        content = _with_weights(file, model, external)
    _check(file, model)
    return content


def session(content: bytes, file: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # its classes share no base but Exception
        raise Refused(
            f"{file} is not loaded by onnxruntime {onnxruntime.__version__}, which serves it: {_short(error)}. "
            f"{facts(content)}; export it for an older operator set (opset 17 is read everywhere)"
        ) from None


def facts(content: bytes) -> str:
    """`opset 17, ai.onnx.ml opset 3, IR 8`."""
    model = onnx.load_from_string(content)
    opsets = sorted((one.domain, one.version) for one in model.opset_import)
    return ", ".join([*(f"{domain} opset {version}".strip() for domain, version in opsets), f"IR {model.ir_version}"])


def producer(content: bytes) -> str:
    model = onnx.load_from_string(content)
    return " ".join(part for part in (model.producer_name, model.producer_version) if part)


def _check(file: Path, model: onnx.ModelProto) -> None:
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        raise Refused(f"{file} breaks ONNX's rules: {_short(error)}") from None


def _with_weights(file: Path, model: onnx.ModelProto, tensors: list[onnx.TensorProto]) -> bytes:
    """Weights beside the file become part of it, as an artifact has one file."""
    folder, size = file.parent.resolve(), file.stat().st_size
    for name in sorted({ExternalDataInfo(tensor).location for tensor in tensors}):
        beside = folder / name
        if Path(name).is_absolute() or beside.is_symlink() or not beside.resolve().is_relative_to(folder):
            raise Refused(f"{file} has its weights in {name!r}; allowed are files in its own folder")
        if not beside.is_file():
            raise Refused(f"{file} has its weights in {name!r}, which is not beside it: copy it there")
        size += beside.stat().st_size
    if size > MOST_BYTES:
        raise Refused(f"{file} has {size:,} bytes with its weights; at most {MOST_BYTES:,} are allowed")
    try:
        load_external_data_for_model(model, str(folder))
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        raise Refused(f"{file}: its weights cannot be read: {_short(error)}") from None
    return bytes(model.SerializeToString(deterministic=True))


def _tensors(model: onnx.ModelProto) -> list[onnx.TensorProto]:
    """Of the graph, its subgraphs and attributes, wherever weights may stand."""
    return list(onnx.external_data_helper._get_all_tensors(model))


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
