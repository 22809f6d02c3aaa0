"""A ready model: what `models/<name>/train.py` is where nothing is trained, as the model was given as a file.

Its folder holds `model.onnx`, `score.py` and `examples.jsonl`. A line of the last is `{"input": ...}`, a request; with
`output`, what the model must answer to it; with `label`, what is true, of which metrics are made. `train` holds the
entry script to every line and makes the artifact: the same folder gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, get_type_hints

import msgspec

from contracts.card import MODEL_FILE, Card, Dataset, Golden, Seeds
from contracts.golden import difference
from models.training import ModelError, run

EXAMPLES_FILE = "examples.jsonl"
TOLERANCE = 1e-4
"""Of 32-bit floats that went through many sums: kinds of CPU order them differently."""
MOST_GOLDEN, MOST_GOLDEN_BYTES = 16, 400_000
BATCH = 4
NOT_STATED = "not stated"
_FOLDER = "AZUREML_MODEL_DIR"


class Script(Protocol):
    """An entry script of the typed form."""

    @property
    def init(self) -> Callable[[], None]: ...
    @property
    def run(self) -> Callable[[Any], Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    """None: nothing is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    line: int
    input: Any
    answer: Any
    label: Any = None


def train(
    script: Any, *, framework: Mapping[str, str], licence: str = NOT_STATED, argv: Sequence[str] | None = None
) -> int:
    """`script` is the module `models.<name>.score`; `framework` names with their versions what made the model."""
    folder = Path(script.__file__).parent
    return run(
        folder,
        f"Make the artifact of the ready model {folder.name}.",
        settings=Hyperparameters,
        build=lambda *_: build(script, folder, framework=framework, licence=licence),
        argv=argv,
    )


def build(
    script: Script, folder: Path, *, framework: Mapping[str, str], licence: str = NOT_STATED, name: str | None = None
) -> tuple[bytes, Card]:
    """Raises ModelError where the entry script does not answer a line as it says."""
    exported = (folder / MODEL_FILE).read_bytes()
    begin(script, folder)
    hints = get_type_hints(script.run, include_extras=True)
    answered = hints.pop("return")
    (asked,) = hints.values()
    examples = [_example(script, asked, line, read) for line, read in _lines(folder / EXAMPLES_FILE)]
    labels = [example for example in examples if example.label is not None]
    return exported, Card(
        name=name or folder.name,
        framework=dict(framework),
        hyperparameters={},
        seeds=Seeds(split_seed=0, seed=0),
        # of the file that was given, as that is all this model is made of
        data=Dataset(sha256=hashlib.sha256(exported).hexdigest(), rows=len(labels), train=0, test=len(labels)),
        metrics=_metrics(labels),
        thresholds={},
        input=msgspec.json.schema(asked),
        output=msgspec.json.schema(answered),
        golden=_golden(script, asked, examples),
        licence=licence,
    )


def begin(script: Script, folder: Path) -> None:
    """Its `init`, with the folder where Azure ML's convention says it."""
    before = os.environ.get(_FOLDER)
    os.environ[_FOLDER] = str(folder)
    try:
        script.init()
    finally:
        os.environ.pop(_FOLDER)
        os.environ |= {_FOLDER: before} if before is not None else {}


def ask(script: Script, asked: Any, body: Any) -> Any:
    """What the server does with a request: JSON in, JSON out."""
    encoded = msgspec.json.encode(script.run(msgspec.json.decode(msgspec.json.encode(body), type=asked)))
    return json.loads(encoded)


def _lines(file: Path) -> list[tuple[int, dict[str, Any]]]:
    lines = [(number, text) for number, text in enumerate(file.read_text("utf-8").splitlines(), 1) if text.strip()]
    if not lines:
        raise ModelError(f"{file.name} has no line; at least one request is needed, as a golden example")
    return [(number, _line(f"{file.name}, line {number}", text)) for number, text in lines]


def _line(where: str, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise ModelError(f"{where}: not JSON: {error}") from error
    known = {"input", "output", "label", "tolerance"}
    if not isinstance(line, dict) or "input" not in line or set(line) - known:
        raise ModelError(f"{where}: allowed is an object of input and, as one likes, output, label, tolerance")
    return line


def _example(script: Script, asked: Any, number: int, line: Mapping[str, Any]) -> Example:
    where = f"{EXAMPLES_FILE}, line {number}"
    try:
        answer = ask(script, asked, line["input"])
    except msgspec.ValidationError as error:
        raise ModelError(f"{where}: the input does not fit score.py: {error}") from error
    except Exception as error:
        # of ONNX Runtime, whose classes share no base but Exception
        raise ModelError(f"{where}: score.py fails: {type(error).__name__}: {str(error)[:200]}") from error
    if "output" in line and (found := difference(line["output"], answer, line.get("tolerance", TOLERANCE))):
        raise ModelError(f"{where}: score.py answers {found.got!r} at {found.path}, expected is {found.expected!r}")
    return Example(line=number, input=line["input"], answer=line.get("output", answer), label=line.get("label"))


def _golden(script: Script, asked: Any, examples: Sequence[Example]) -> tuple[Golden, ...]:
    """The first examples, as many as keep the card small; and some of them as one request, where a list is taken."""
    golden: list[Golden] = []
    size = 0
    for example in examples[:MOST_GOLDEN]:
        size += len(json.dumps([example.input, example.answer]))
        if golden and size > MOST_GOLDEN_BYTES:
            break
        golden.append(_one(f"line-{example.line}", example.input, example.answer))
    several = [example for example in golden[:BATCH] if not isinstance(example.input, list)]
    if len(several) > 1 and takes_lists(asked):
        inputs, outputs = [example.input for example in several], [example.output for example in several]
        if found := difference(outputs, ask(script, asked, inputs), TOLERANCE):
            raise ModelError(f"a list of {len(several)} rows is answered {found.got!r} at {found.path}, "
                             f"the rows alone {found.expected!r}")  # fmt: skip
        golden.append(_one("batch", inputs, outputs))
    return tuple(golden)


def takes_lists(asked: Any) -> bool:
    try:
        msgspec.json.decode(b"[]", type=asked)
    except msgspec.ValidationError:
        return False
    return True


def _one(name: str, body: Any, answer: Any) -> Golden:
    return Golden(name=name, input=body, output=answer, tolerance=TOLERANCE)


def _metrics(labels: Sequence[Example]) -> dict[str, float]:
    """Accuracy of classes; of numbers the mean absolute error and r2. None without labels."""
    if not labels:
        return {}
    pairs = [(_value(example), example.label) for example in labels]
    if not any(isinstance(value, float) or isinstance(label, float) for value, label in pairs):
        return {"accuracy": round(sum(value == label for value, label in pairs) / len(pairs), 10)}
    for example in labels:
        if not isinstance(_value(example), int | float) or not isinstance(example.label, int | float):
            raise ModelError(
                f"{EXAMPLES_FILE}, line {example.line}: the label is {example.label!r}, and score.py answers "
                f"{_value(example)!r}; both are numbers, or neither is"
            )
    mean = sum(label for _, label in pairs) / len(pairs)
    spread = sum((label - mean) ** 2 for _, label in pairs)
    error = sum((label - value) ** 2 for value, label in pairs)
    measured = {"mean_absolute_error": sum(abs(label - value) for value, label in pairs) / len(pairs)}
    measured |= {"r2": 1 - error / spread} if spread else {}
    return {name: round(value, 10) for name, value in measured.items()}


def _value(example: Example) -> Any:
    """What of an answer a label is about: its `label`, else its only value; of a list of scores the largest one's
    place."""
    answer = example.answer
    value = answer.get("label", next(iter(answer.values())) if len(answer) == 1 else None) if _is_tree(answer) else None
    if isinstance(value, list) and value and all(isinstance(one, float) for one in value):
        return value.index(max(value))
    if not isinstance(value, bool | int | float | str):
        raise ModelError(f"{EXAMPLES_FILE}, line {example.line}: a label needs an answer of one value, or one called "
                         f"label; score.py answers {json.dumps(answer)[:80]}")  # fmt: skip
    return value


def _is_tree(answer: Any) -> bool:
    return isinstance(answer, dict)
