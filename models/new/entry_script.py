"""The text of a ready model's `score.py`: typed by what the model takes and gives, and the user's own from then on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from models.new.bodies import is_of_classes
from models.new.signature import Signature, Value, answer_names, identifiers

_BOUNDS = {"float16": "-65504.0, le=65504.0", "float32": "-3.4e38, le=3.4e38"}

_HEAD = '''"""Entry script of the ready model {name}: `init()` once, `run()` per request. Made of its graph.

It travels in the artifact, so it imports only what the scoring image has. The server decodes a body into the type that
`run` names, and answers 400 with the field's path where it does not fit: names and bounds are yours to change here.
"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime
from msgspec import Meta, Struct, ValidationError, field
from numpy.typing import NDArray

'''

_INIT = """

_session: onnxruntime.InferenceSession


def init() -> None:
    global _session
    options = onnxruntime.SessionOptions()
    # one process a core: a second thread costs more than it brings
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    folder = Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent)
    _session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
    )

"""

_RUN = {
    "many": """
def run(request: Row | list[Row]) -> Scored | list[Scored]:
    rows = request if isinstance(request, list) else [request]
    answers = _scored(rows) if rows else []
    return answers if isinstance(request, list) else answers[0]
""",
    "one": """
def run(request: Row | list[Row]) -> Scored | list[Scored]:
    # the model takes one row at a time
    rows = request if isinstance(request, list) else [request]
    answers = [answer for row in rows for answer in _scored([row])]
    return answers if isinstance(request, list) else answers[0]
""",
    "none": """
def run(request: Row) -> Scored:
    return _scored(request)
""",
}

_ARRAY = '''
def _array(values: object, dtype: type, name: str) -> NDArray[np.generic]:
    """A ValidationError is answered as a 400 that names the place."""
    try:
        return np.array(values, dtype=dtype)
    except ValueError:
        raise ValidationError(f"Expected nested lists of one length - at `$.{name}`") from None

'''


def text_of(name: str, signature: Signature) -> str:
    parts = [
        _HEAD.format(name=name),
        *([f"CLASSES = {tuple(signature.classes)!r}\n\n"] if signature.classes else []),
        "\nclass Row(Struct, gc=False):\n",
        *_row(signature),
        "\n\nclass Scored(Struct, gc=False):\n",
        *_scored_fields(signature),
        _INIT,
        _ARRAY if _is_ragged(signature) else "",
        *_scored(signature),
        "\n",
        _RUN[signature.rows],
    ]
    return _without_unused("".join(parts))


def _row(signature: Signature) -> Iterator[str]:
    if signature.columns:
        kind = _number(signature.inputs[0].dtype)
        for attribute, column in zip(identifiers(signature.columns), signature.columns, strict=True):
            yield _field(attribute, column, kind)
        return
    for attribute, (name, value) in zip(_attributes(signature), signature.asked, strict=True):
        yield _field(attribute, name, _input_type(signature, value))


def _input_type(signature: Signature, value: Value) -> str:
    kind = _number(value.dtype)
    if signature.rows != "none" and value.is_number_a_row:
        return kind
    for length in reversed(value.shape if signature.rows == "none" else value.row):
        kind = f"list[{kind}]"
        if length is not None:
            kind = f"Annotated[{kind}, Meta(min_length={length}, max_length={length})]"
    return kind


def _scored_fields(signature: Signature) -> Iterator[str]:
    for name, value in zip(answer_names(signature.outputs), signature.outputs, strict=True):
        yield f"    {name}: {_output_type(signature, value)}\n"


def _output_type(signature: Signature, value: Value) -> str:
    kind = {"str": "str", "bool": "bool"}.get(value.dtype, "float" if value.dtype.startswith("float") else "int")
    if value.maps:
        return f"{'list[' * (signature.rows == 'none')}dict[str, float]{']' * (signature.rows == 'none')}"
    if signature.rows == "none":
        return "list[" * len(value.shape) + kind + "]" * len(value.shape)
    if is_of_classes(signature, value):
        return "dict[str, float]"
    depth = 0 if value.is_number_a_row else len(value.row)
    return "list[" * depth + kind + "]" * depth


def _number(dtype: str) -> str:
    if dtype in ("str", "bool"):
        return dtype
    if dtype.startswith("float"):
        return f"Annotated[float, Meta(ge={_BOUNDS[dtype]})]" if dtype in _BOUNDS else "float"
    bits = int(dtype.lstrip("uint"))
    lowest, highest = (0, 2**bits - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    # msgspec compares in 64 bits with a sign
    return f"Annotated[int, Meta(ge={lowest}, le={min(highest, 2**63 - 1)})]"


def _field(attribute: str, name: str, kind: str) -> str:
    # Python reads JSON's two escapes of one character as two characters
    called = f" = field(name={json.dumps(name, ensure_ascii=False)})" if attribute != name else ""
    return f"    {attribute}: {kind}{called}\n"


def _scored(signature: Signature) -> Iterator[str]:
    whole = signature.rows == "none"
    yield f"\ndef _scored({'row: Row' if whole else 'rows: list[Row]'}) -> {'Scored' if whole else 'list[Scored]'}:\n"
    yield "    feeds = {\n"
    for text in _feeds(signature):
        yield f"        {text},\n"
    yield "    }\n"
    names = answer_names(signature.outputs)
    wanted = [value.name for value in signature.outputs]
    yield f"    {', '.join(f'{name}_' for name in names)}{',' * (len(names) == 1)} = _session.run({wanted!r}, feeds)\n"
    pairs = list(zip(names, signature.outputs, strict=True))
    if whole:
        made = ", ".join(f"{name}={_whole(f'{name}_', value)}" for name, value in pairs)
        yield f"    return Scored({made})\n"
        return
    yield f"    return [Scored({', '.join(f'{name}={_each(signature, name, value)}' for name, value in pairs)})\n"
    yield f"        for {', '.join(names)}{',' * (len(names) == 1)} in zip("
    yield ", ".join(_listed(f"{name}_", value) for name, value in pairs)
    yield ", strict=True)]\n"


def _feeds(signature: Signature) -> Iterator[str]:
    if signature.columns:
        fields = ", ".join(f"row.{name}" for name in identifiers(signature.columns))
        dtype = _dtype(signature.inputs[0])
        yield f"{signature.inputs[0].name!r}: np.array([({fields},) for row in rows], dtype={dtype})"
        return
    for attribute, (name, value) in zip(_attributes(signature), signature.asked, strict=True):
        given = f"row.{attribute}" if signature.rows == "none" else f"[row.{attribute} for row in rows]"
        shape = ".reshape(-1, 1)" if signature.rows != "none" and value.row == (1,) else ""
        if _is_free(signature, value):
            yield f"{value.name!r}: _array({given}, {_dtype(value)}, {name!r}){shape}"
        else:
            yield f"{value.name!r}: np.array({given}, dtype={_dtype(value)}){shape}"


def _attributes(signature: Signature) -> list[str]:
    return identifiers([name for name, _ in signature.asked])


def _dtype(value: Value) -> str:
    return {"str": "object", "bool": "np.bool_"}.get(value.dtype, f"np.{value.dtype}")


def _is_free(signature: Signature, value: Value) -> bool:
    """Lists of a free length inside others, which may turn out ragged; or rows of different lengths."""
    lengths = value.shape if signature.rows == "none" else value.row
    return None in (lengths[1:] if signature.rows == "none" else lengths)


def _is_ragged(signature: Signature) -> bool:
    return any(_is_free(signature, value) for value in signature.inputs)


def _listed(name: str, value: Value) -> str:
    if value.maps:
        return name
    return f"{name}.ravel().tolist()" if value.is_number_a_row else f"{name}.tolist()"


def _each(signature: Signature, name: str, value: Value) -> str:
    if value.maps:
        return f"{{str(key): each for key, each in {name}.items()}}"
    return f"dict(zip(CLASSES, {name}, strict=True))" if is_of_classes(signature, value) else name


def _whole(name: str, value: Value) -> str:
    return f"[{{str(key): each for key, each in row.items()}} for row in {name}]" if value.maps else f"{name}.tolist()"


def _without_unused(text: str) -> str:
    """Without imports that this model does not need."""
    body = text.partition("from numpy.typing import NDArray\n")[2]
    needed = [name for name in ("Meta", "Struct", "ValidationError", "field") if f"{name}(" in body or name == "Struct"]
    text = text.replace(
        "from msgspec import Meta, Struct, ValidationError, field", f"from msgspec import {', '.join(needed)}"
    )
    text = text if "Annotated[" in body else text.replace("from typing import Annotated\n", "")
    return text if "NDArray[" in body else text.replace("from numpy.typing import NDArray\n", "")
