"""An ONNX export of Custom Vision in place of pictures: the zip as the service gives it, with `labels.txt` in it.

Nothing is unpacked to the disk. The network stays as it is; the labels go into its metadata, for the entry script.
https://learn.microsoft.com/azure/ai-services/custom-vision-service/export-your-model
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import onnx
from google.protobuf.message import Message

from models import custom_vision
from models.source import DataError

LABELS_FILE = "labels.txt"
MOST_LABELS_BYTES, MOST_MODEL_BYTES = 1024 * 1024, 512 * 1024 * 1024
MOST_LABEL_LETTERS = 256
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Export:
    model: bytes
    """With its tags in the metadata."""
    tags: tuple[str, ...]


def is_export(content: bytes) -> bool:
    """Else it is lines of JSON."""
    return content.startswith(_ZIP) or content.lstrip()[:1] != b"{"


def read(content: bytes, *, where: str) -> Export:
    """Raises DataError."""
    if not content.startswith(_ZIP):
        raise DataError(
            f"{where}: is neither lines of JSON nor a zip; an ONNX export is given as its zip, as {LABELS_FILE} is in "
            "it: a model alone names none of what it finds"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            model = onnx.load_model_from_string(_member(archive, _model_name(archive, where), MOST_MODEL_BYTES, where))
            labels = _member(archive, LABELS_FILE, MOST_LABELS_BYTES, where).decode("utf-8-sig")
    except DataError:
        raise
    except Exception as error:  # zipfile and each way to compress have types of their own for broken bytes
        raise DataError(f"{where}: cannot be read: {str(error) or type(error).__name__}") from error
    tags = _tags(labels, where)
    _refuse_other_files(model, where)
    told = {one.key: one.value for one in model.metadata_props}
    onnx.helper.set_model_props(model, {**told, "tags": json.dumps(tags)})
    return Export(bytes(model.SerializeToString(deterministic=True)), tags)


def check(export: Export, *, where: str) -> None:
    """That its answer is understood, and there is a label for each of its classes. Raises DataError."""
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(export.model, providers=["CPUExecutionProvider"])
        custom_vision.wants(session)
        grid = custom_vision.grid_of(session)
        if grid is None:
            return
        (output,) = session.get_outputs()
        if isinstance(channels := output.shape[1], int):
            classes = custom_vision.classes_of(channels, len(grid.anchors))
            if classes != len(export.tags):
                raise ValueError(f"the export tells {classes} classes apart, {LABELS_FILE} names {len(export.tags)}")
    except Exception as error:  # ONNX Runtime has types of its own for each kind of broken file
        raise DataError(f"{where}: {error}") from error


def _tags(labels: str, where: str) -> tuple[str, ...]:
    tags = tuple(line.strip() for line in labels.splitlines() if line.strip())
    if not tags:
        raise DataError(f"{where}: {LABELS_FILE} names nothing; wanted is a line for each class")
    if long := [tag for tag in tags if len(tag) > MOST_LABEL_LETTERS]:
        raise DataError(
            f"{where}: a label of {LABELS_FILE} has {len(long[0])} letters, {long[0][:32]}...; allowed are "
            f"{MOST_LABEL_LETTERS}"
        )
    return tags


def _refuse_other_files(model: onnx.ModelProto, where: str) -> None:
    """Of a model of bytes ONNX Runtime would look for them in the current folder."""
    for tensor in _tensors(model):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise DataError(
                f"{where}: tensor {tensor.name[:64]!r} of the model has its numbers in another file; allowed is a "
                "model that has all of them within"
            )


def _tensors(message: Message) -> Iterator[onnx.TensorProto]:
    """Wherever they are: in graphs within nodes, in functions, in sparse ones."""
    if isinstance(message, onnx.TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in (value,) if isinstance(value, Message) else value:
                yield from _tensors(one)


def _model_name(archive: zipfile.ZipFile, where: str) -> str:
    names = [name for name in archive.namelist() if name.endswith(".onnx") and not _is_aside(name)]
    if len(names) != 1:
        there = ", ".join(sorted(archive.namelist())[:10])
        raise DataError(f"{where}: has {len(names)} files *.onnx, wanted is 1; there are {there}")
    return names[0]


def _is_aside(name: str) -> bool:
    """What macOS packs beside each file, and hidden files."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _member(archive: zipfile.ZipFile, name: str, most: int, where: str) -> bytes:
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except KeyError:
        raise DataError(f"{where}: has no {name}") from None
    if len(content) > most:
        raise DataError(f"{where}: {name} has more than {most} bytes")
    return content
