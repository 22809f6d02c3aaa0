"""The artifact that training makes and its card: what was trained, on what, how good it is, and golden examples.

An artifact is a folder of `model.onnx`, `score.py` (Azure ML entry script), `card.json`, `model.onnx.data` where the
model is large, and `serving.lock` where the script brings packages of its own. Its digest is SHA-256 over
`"<posix path>\\0<sha256 of the file>\\n"` of each file, sorted by path; its version is the first 12 hex
digits. The card holds no date, path or host name: the same inputs must give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from contracts.golden import Difference, difference
from contracts.thresholds import Threshold, Unmet, parse_threshold, unmet

SCHEMA = 1
MODEL_FILE = "model.onnx"
WEIGHTS_FILE = "model.onnx.data"
"""Weights of a large model: ONNX Runtime maps them, where it would parse and copy what is inside `model.onnx`."""
ENTRY_SCRIPT = "score.py"
CARD_FILE = "card.json"
SERVING_LOCK = "serving.lock"
"""Packages of the entry script, where it brings some."""
VERSION_LENGTH = 12
JSON_MEDIA_TYPE = "application/json"


class CardError(ValueError):
    """A card that cannot be read: names the file, the key, the value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    split_seed: int
    """Which rows are held out; fixed per model, else metrics of two trainings cannot be compared."""
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What the model learned from, and how many of its rows were held out to measure it."""

    sha256: str
    rows: int
    train: int
    test: int


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: a picture, a form, a JSON text."""

    media_type: str
    """With its parameters."""
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """An input with the answer that every place that serves the model must give before it says ready."""

    name: str
    input: Any = None
    """Sent as JSON."""
    body: Body | None = None
    """Sent instead of `input`, as it is."""
    output: Any
    tolerance: float = 1e-6
    any_at: tuple[str, ...] = ()
    """Paths of the answer, `$[1]` or `$[*].id`, whose value may be any: a time that was measured, an id."""

    @property
    def request(self) -> Body:
        if self.body is not None:
            return self.body
        text = json.dumps(self.input, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return Body(JSON_MEDIA_TYPE, text.encode())

    def difference(self, answer: Any) -> Difference | None:
        """The first place where an answer, read from JSON, is not as training saw it."""
        return difference(self.output, answer, self.tolerance, self.any_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    name: str
    framework: Mapping[str, str]
    hyperparameters: Mapping[str, Any]
    seeds: Seeds
    data: Dataset
    metrics: Mapping[str, float]
    thresholds: Mapping[str, Threshold]
    input: Mapping[str, Any]
    """JSON schema of a request body; `output` of the answer."""
    output: Mapping[str, Any]
    golden: tuple[Golden, ...]
    licence: str
    slow: bool = False
    """Its entry script says `SLOW = True`: `run` is called in a thread of its own, beside the server's event loop."""

    def unmet(self) -> list[Unmet]:
        """Those of the card's own thresholds that its metrics do not meet."""
        return unmet(self.metrics, self.thresholds)

    def to_bytes(self) -> bytes:
        """The card's one spelling on disk: the artifact's digest depends on it."""
        text = json.dumps(self._as_dict(), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"

    def _as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        document["seeds"] = _plain(self.seeds)
        document["data"] = _plain(self.data)
        document["thresholds"] = {metric: one.as_dict() for metric, one in self.thresholds.items()}
        document["golden"] = [_golden_dict(example) for example in self.golden]
        if not self.slow:
            del document["slow"]  # said only where it is so
        return {"schema": SCHEMA, **document}


def load_card(path: Path) -> Card:
    """Read `card.json`; `path` is the file, or the artifact folder that holds it."""
    file = path / CARD_FILE if path.is_dir() else path
    return parse_card(file.read_bytes(), where=str(file))


def parse_card(content: bytes, *, where: str = CARD_FILE) -> Card:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise CardError(f"{where}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise CardError(f"{where}: must be a JSON object, is {type(document).__name__}")
    if (schema := document.pop("schema", None)) != SCHEMA:
        raise CardError(f"{where}: schema is {schema!r}, allowed is {SCHEMA}")
    values = _checked(document, Card, where, optional={"slow"})
    values["seeds"] = Seeds(**_checked(values["seeds"], Seeds, f"{where}: seeds"))
    values["data"] = Dataset(**_checked(values["data"], Dataset, f"{where}: data"))
    if not isinstance(values["golden"], list):
        raise CardError(f"{where}: golden must be a list, is {type(values['golden']).__name__}")
    values["golden"] = tuple(
        _golden(example, f"{where}: golden[{index}]") for index, example in enumerate(values["golden"])
    )
    if not isinstance(values.get("slow", False), bool):
        raise CardError(f"{where}: slow is {values['slow']!r}, allowed are true and false")
    for name in ("framework", "hyperparameters", "metrics", "thresholds", "input", "output"):
        if not isinstance(values[name], dict):
            raise CardError(f"{where}: {name} must be an object, is {type(values[name]).__name__}")
    values["thresholds"] = {
        metric: _threshold(threshold, f"{where}: thresholds.{metric}")
        for metric, threshold in values["thresholds"].items()
    }
    return Card(**values)


def _threshold(document: Any, where: str) -> Threshold:
    try:
        return parse_threshold(document)
    except ValueError as error:
        raise CardError(f"{where}: {error}") from error


def _golden(document: Any, where: str) -> Golden:
    values = _checked(document, Golden, where, optional={"input", "body", "tolerance", "any_at"})
    if ("input" in values) == ("body" in values):
        raise CardError(f"{where}: must have either 'input' or 'body'")
    if "body" in values:
        body = _checked(values["body"], Body, f"{where}: body")
        try:
            values["body"] = Body(str(body["media_type"]), base64.b64decode(body["content"], validate=True))
        except (ValueError, TypeError) as error:
            raise CardError(f"{where}: body.content is no base64: {error}") from error
    return Golden(**values | {"any_at": tuple(map(str, values.get("any_at", ())))})


def _golden_dict(example: Golden) -> dict[str, Any]:
    document: dict[str, Any] = {field.name: getattr(example, field.name) for field in fields(example)}
    if example.body is None:
        del document["body"]
    else:
        del document["input"]
        content = base64.b64encode(example.body.content).decode("ascii")
        document["body"] = {"media_type": example.body.media_type, "content": content}
    if not example.any_at:
        del document["any_at"]
    return document


def artifact_digest(folder: Path) -> str:
    """SHA-256 hex over the folder's files, sorted by POSIX relative path.

    Bytecode is left out: whoever imports `score.py` may leave some behind, and it is not part of what was trained.
    """
    files = sorted(
        (path.relative_to(folder).as_posix(), path)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    if not files:
        raise FileNotFoundError(f"no artifact in {folder}: expected {MODEL_FILE}, {ENTRY_SCRIPT}, {CARD_FILE}")
    return _digest((name, _sha256(path)) for name, path in files)


def _sha256(path: Path) -> str:
    """By pieces: a network of 240 MB is not held in memory for it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version_of(digest: str) -> str:
    """The model version that registry, message property and metrics show."""
    return digest[:VERSION_LENGTH]


def _digest(files: Iterable[tuple[str, str]]) -> str:
    whole = hashlib.sha256()
    for name, sha256 in files:
        whole.update(f"{name}\0{sha256}\n".encode())
    return whole.hexdigest()


def _plain(value: Seeds | Dataset) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _checked(
    document: Any, shape: type[Card | Seeds | Dataset | Golden | Body], where: str, *, optional: set[str] | None = None
) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise CardError(f"{where}: must be an object, is {type(document).__name__}")
    allowed = {field.name for field in fields(shape)}
    if unknown := sorted(set(document) - allowed):
        raise CardError(f"{where}: unknown key {unknown[0]!r}, allowed are {', '.join(sorted(allowed))}")
    if missing := sorted(allowed - (optional or set()) - set(document)):
        raise CardError(f"{where}: {missing[0]!r} is missing")
    return dict(document)
