"""What is shown to be pasted: each line is read as a shell and the command line itself would read it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import COMMANDS
from cli.command import parser_of
from cli.errors import Refused
from cli.scoring import cards
from cli.scoring.hints import hints
from cli.screen import folded_json
from cli.stack.outputs import Outputs
from clone.layout import Clone
from contracts.card import Card, Golden
from tests.cli.conftest import VALUES, write_artifact


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Card) -> Any:
    """Makes a stack that serves models with these golden inputs, each by its name."""
    monkeypatch.setattr(cards, "Clone", lambda: Clone(tmp_path))

    def make(stack: str = "dev", **inputs: Any) -> Outputs:
        values = {**VALUES, "models": {}, "scoring": {}}
        for name, bodies in inputs.items():
            golden = tuple(Golden(name=f"{index}", input=body, output=0) for index, body in enumerate(bodies))
            artifact = write_artifact(tmp_path / name, replace(card, name=name, golden=golden))
            digest = Clone(tmp_path).artifacts.add(artifact)
            values["models"][name] = {**VALUES["models"]["anomaly"], "digest": digest}
            values["scoring"][name] = {**VALUES["scoring"]["anomaly"], "model": name}
        return Outputs(stack, values)

    return make


def parsed(hint: str) -> tuple[Any, Sequence[str]]:
    """What the command line makes of a hint, and the words before it."""
    words = shlex.split(hint)
    at = words.index(".venv/bin/edgeway")
    return parser_of(COMMANDS).parse_args(words[at + 1 :]), words[:at]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_hint_of_a_stack_with_several_models_works_as_it_stands(deployed: Any, width: int) -> None:
    bodies = {"first": {"t": "it's, 2", "u": [1.25] * 30}, "second": [[{"a": 'x"\\,y'}]] * 9, "picture": [[0.5] * 784]}
    stack = deployed(**{name: [body] for name, body in bodies.items()}, silent=[])
    asked = {}
    for hint in hints(stack, width):
        arguments, before = parsed(hint)
        assert arguments.stack == "dev"
        if arguments.command in ("invoke", "verify"):
            assert stack.endpoint(arguments.model) == arguments.model
            asked[arguments.model] = arguments.command
        if before:
            assert before[0] == "echo" and before[-1] == "|"
            assert json.loads(before[1]) == bodies[arguments.model]
        assert max(map(len, hint.splitlines())) <= width
    assert asked == {"first": "invoke", "second": "invoke", "picture": "verify"}


def test_one_model_needs_no_name_and_the_stack_of_the_shell_neither(
    deployed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hints(deployed(stack="local", anomaly=[1]), 80) == [
        ".venv/bin/edgeway monitor --count 5",
        ".venv/bin/edgeway device status",
        "echo 1 | .venv/bin/edgeway invoke",
    ]
    # the hint is pasted into the shell that has the variable
    monkeypatch.setenv("EDGEWAY_STACK", "dev")
    assert parsed(hints(deployed(stack="local"), 80)[0])[0].stack == "local"
    assert hints(deployed(), 80)[0] == ".venv/bin/edgeway monitor --count 5"


def test_an_artifact_that_this_clone_lacks_gives_no_example(outputs: Outputs, deployed: Any) -> None:
    assert len(hints(outputs, 80)) == 2


def test_json_is_folded_between_its_tokens_only() -> None:
    value = {"text": "a, b" * 5, "numbers": [1, 2, 3]}
    assert folded_json(value, 500) == json.dumps(value, separators=(",", ":"))
    assert json.loads(folded_json(value, 10)) == value
    assert len(folded_json(value, 10).splitlines()) == 3


@pytest.mark.parametrize(
    ("served", "name", "told"),
    [
        (("a", "b"), None, "stack 'dev' serves 2 models; choose one: --model a or --model b"),
        (("a", "b"), "c", "model 'c' is not served by the stack; there are: a, b"),
        ((), None, "stack 'dev' serves no model: give one an entry under endpoints in its stack file"),
    ],
)
def test_which_model_is_meant_is_asked_with_the_options_to_paste(
    served: Sequence[str], name: str | None, told: str
) -> None:
    stack = Outputs("dev", {"scoring": {one: {} for one in served}})
    with pytest.raises(Refused) as refusal:
        stack.endpoint(name)
    assert str(refusal.value) == told
